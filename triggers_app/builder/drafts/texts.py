"""The author's own texts of a draft, with their comments, as the document goes on."""

import json
from collections.abc import Mapping
from copy import deepcopy

from project.lib.json_documents import Document
from triggers_app.automation.formats.checking import without_ids
from triggers_app.automation.formats.reading import Reading
from triggers_app.automation.formats.registry import FORMATS
from triggers_app.automation.formats.yaml import automation as automation_yaml

_EDITS = {
    spec.own_text: spec.apply_edit for spec in FORMATS.values() if spec.apply_edit is not None
}


def followed(texts: Mapping[str, str], old: Document, new: Document) -> dict[str, str]:
    """Each text with what differs between the documents changed in it.

    A text that cannot be read stays as it is: its author is in the middle of it.
    """
    before, after = as_panes_show(old), as_panes_show(new)
    if json.dumps(before) == json.dumps(after):
        return dict(texts)  # for Python, 1 and True are the same; in a text they are not
    return {name: _edited(name, text, before, after) for name, text in texts.items()}


def as_panes_show(document: Document) -> Document:
    """The document as panes show it: without the ids of its triggers."""
    copied = deepcopy(document)
    without_ids(copied.get("trigger"))
    return copied


def _edited(name: str, text: str, before: Document, after: Document) -> str:
    edit = _EDITS.get(name)
    if edit is None or not text.strip():
        return text
    source = automation_yaml.load(text)
    return text if isinstance(source, Reading) else edit(source, before, after)
