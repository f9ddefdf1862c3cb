"""An automation as JSON: what the API takes. It says everything."""

import json

from triggers_app.codecs.checking import checked, without_server_made
from triggers_app.codecs.json_source import InvalidJson, JsonSource
from triggers_app.codecs.loss import Loss
from triggers_app.codecs.reading import (
    Document,
    Found,
    Reading,
    Writing,
    refused,
    too_large,
)
from triggers_app.domain.unknown_values import name_of


def read(text: str) -> Reading:
    """One automation, or a list of them as the API's answers are."""
    if large := too_large(text):
        return large
    try:
        source = JsonSource(text.removeprefix("\ufeff"))
    except InvalidJson as error:
        return Reading(diagnostics=[error.diagnostic])
    listed = source.value if isinstance(source.value, list) else [source.value]
    places = source.places
    parts = places.split((n,) for n in range(len(listed))) if listed is source.value else {}
    found, losses = [], list[Loss]()
    for index, value in enumerate(listed):
        if not isinstance(value, dict):
            return refused("An automation is an object with keys.", code="dict_type")
        document, lost = without_server_made(value)
        found.append(Found(document, parts.get((index,), places), label=name_of(document)))
        losses += lost
    if not found:
        return refused("There is no automation in this list.", code="nothing_found")
    return checked(found, losses, source.notes)


def write(document: Document) -> Writing:
    return Writing(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
