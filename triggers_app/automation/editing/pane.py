"""A draft's document as the text of a pane, and back: without ids, and with them again."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.editing.recognizing import recognized
from triggers_app.automation.formats.checking import without_ids
from triggers_app.automation.formats.reading import Diagnostic, Reading, Writing, in_order
from triggers_app.automation.formats.registry import Format
from triggers_app.automation.formats.yaml.match import same

_GONE: Any = object()
# A draft could not be stored with these, or not be shown: such a text has no document.
NO_DOCUMENT = {"bad_text", "too_deep", "finite_number", "too_many_parts"}


@dataclass(frozen=True, slots=True)
class PaneReading:
    """`document` is None where the text has none; then a diagnostic says why."""

    document: Document | None
    diagnostics: list[Diagnostic]


def plain(document: Document) -> Document:
    """The document as panes show it: ids of triggers are the server's."""
    without_own = deepcopy(document)
    without_ids(without_own.get("trigger"))
    return without_own


def written(format: Format, document: Document) -> Writing:
    return format.spec.write(plain(document))


def read(format: Format, text: str, *, base: Document, fresh: Callable[[], str]) -> PaneReading:
    """The document of a pane's text; nodes that are those of `base` have their ids.

    `base` is the document that the pane showed: a block keeps what it cannot say.
    """
    read_on = format.spec.read_on
    if read_on is None:
        raise ValueError(f"{format.spec.word} is only shown.")
    reading = read_on(text, plain(base))
    diagnostics = list(reading.diagnostics)
    if len(reading.automations) > 1:
        diagnostics.append(_several(reading))
    refused = any(each.code in NO_DOCUMENT for each in diagnostics)
    if len(reading.automations) != 1 or refused:
        return PaneReading(None, in_order(diagnostics))
    document = with_ids(reading.automations[0].document, base, fresh)
    return PaneReading(document, in_order(diagnostics))


def with_ids(document: Document, base: Document, fresh: Callable[[], str]) -> Document:
    """The document with the ids of `base` in the nodes that it has in common with it."""
    if "trigger" not in document:
        return document
    return {**document, "trigger": recognized(document["trigger"], base.get("trigger"), fresh)}


def joined(base: Any, typed: Any, other: Any) -> Any:
    """What was typed on `base`, and what else became of it meanwhile.

    Where both changed the same value, or the length of the same list, what was typed counts.
    """
    if same(typed, base):
        return other
    if isinstance(typed, dict) and isinstance(base, dict) and isinstance(other, dict):
        keys = [*typed, *(key for key in other if key not in typed)]
        parts = {
            key: joined(*(each.get(key, _GONE) for each in (base, typed, other))) for key in keys
        }
        return {key: value for key, value in parts.items() if value is not _GONE}
    lists = (base, typed, other)
    if all(isinstance(each, list) and len(each) == len(typed) for each in lists):
        return [joined(*parts) for parts in zip(*lists, strict=True)]
    return typed


def _several(reading: Reading) -> Diagnostic:
    message = (
        f"A draft is one automation; this text has {len(reading.automations)}. Leave one of them."
    )
    return Diagnostic(reading.automations[1].places.of(()), "several", message)
