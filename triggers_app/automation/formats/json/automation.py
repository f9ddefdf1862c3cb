"""An automation as JSON: what the API takes. It says everything."""

import json

from project.lib.json_documents import Document
from triggers_app.automation.formats.json.source import InvalidJson, JsonSource
from triggers_app.automation.formats.reading import Reading, Writing, too_large
from triggers_app.automation.formats.yaml.automation import of_values


def read(text: str) -> Reading:
    """One automation, a list as the API's answers are, or Prefect's file with `automations`."""
    if large := too_large(text):
        return large
    try:
        source = JsonSource(text.removeprefix("\ufeff"))
    except InvalidJson as error:
        return Reading(diagnostics=[error.diagnostic])
    return of_values(source.value, source.places, source.notes)


def write(document: Document) -> Writing:
    return Writing(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
