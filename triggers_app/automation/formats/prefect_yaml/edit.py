"""Edits of a deployment's triggers in somebody's own prefect.yaml, by what they mean.

A trigger leaves out what Prefect's classes default, and may say a time in several ways; only
what means something else than before is changed in the text.
"""

from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc, Problem
from triggers_app.automation.deployment_triggers import ACTION, OWN
from triggers_app.automation.formats.checking import NO_ID, canonical
from triggers_app.automation.formats.prefect_yaml.block import (
    document_of,
    trigger_of,
    triggers_in,
    write,
)
from triggers_app.automation.formats.reading import Reading
from triggers_app.automation.formats.yaml.automation import Loaded, in_place, load, rewritten
from triggers_app.automation.model_fields import DEFAULTS, SECONDS
from triggers_app.automation.triggers import TRIGGERS, kind_of

_TELLING = ("type", "posture", "within")  # of each kind of trigger something else
_SAYS_NOTHING = {key: values for key, values in DEFAULTS.items() if key not in _TELLING}


def apply_edit(text: str | Loaded, old_document: Document, new_document: Document) -> str:
    """The text with its first trigger changed to say what the new document says."""
    source = load(text) if isinstance(text, str) else text
    places = [] if isinstance(source, Reading) else list(triggers_in(source.value))
    if isinstance(source, Reading) or not places:
        return write(new_document).text
    loc, value = places[0][0], source.value
    try:
        new = _replaced(value, loc, _meaning(trigger_of(new_document)))
        outcome = in_place(source, _meant(value, loc), new, lambda read: _meant(read, loc))
    except (Invalid, LookupError, TypeError):
        outcome = None  # a draft that is not valid means nothing yet
    if outcome is None:
        return rewritten(source, value, _replaced(value, loc, trigger_of(new_document)))
    return outcome


def _meant(value: Any, loc: Loc) -> Any:
    """The values of a text with its trigger in the form in which meanings are compared."""
    trigger = value
    for part in loc:
        trigger = trigger[part]
    return _replaced(value, loc, _meaning(trigger))


def _meaning(block: Any) -> dict[str, Any]:
    """A trigger with what is implied, without what says nothing. Raises Invalid."""
    if not isinstance(block, dict):
        raise Invalid([Problem((), "A trigger must be an object with keys.", "dict_type")])
    document, _ = document_of(block, deployment=None, number=1)
    if block.get("name") in (None, ""):
        document["name"] = ""  # what it is called by default is not written
    document["actions"][0]["deployment_id"] = NO_ID
    return _plain(trigger_of(canonical(document)), (*OWN, *ACTION))


def _plain(trigger: dict[str, Any], besides: tuple[str, ...] = ()) -> dict[str, Any]:
    known = {*besides, *TRIGGERS[kind_of(trigger)].model_fields}
    plain: dict[str, Any] = {}
    for key, value in trigger.items():
        if key == "triggers":
            plain[key] = [_plain(child) for child in value]
        elif key == "metric" and isinstance(value, dict):
            plain[key] = {name: _seconds(name, each) for name, each in value.items()}
        elif key not in known or value not in _SAYS_NOTHING.get(key, ()):
            plain[key] = _seconds(key, value)
    return plain


def _seconds(key: str, value: Any) -> Any:
    """Whole seconds without a fraction, as people write them."""
    is_whole = key in SECONDS and isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _replaced(value: Any, loc: Loc, put: Any) -> Any:
    """The value with another part at `loc`."""
    if not loc:
        return put
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[loc[0]] = _replaced(value[loc[0]], loc[1:], put)
    return changed
