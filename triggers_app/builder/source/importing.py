"""A pasted text of any format, looked at before it becomes a draft."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.editing.pane import NO_DOCUMENT
from triggers_app.automation.formats import detect
from triggers_app.automation.formats.reading import (
    Diagnostic,
    ParsedAutomation,
    Reading,
    Reference,
    Severity,
)
from triggers_app.automation.formats.registry import Format
from triggers_app.storage import name_lookup
from triggers_app.storage.name_lookup import Named


@dataclass(frozen=True, slots=True)
class Want:
    """An object that the text names and the document needs by its id.

    `chosen` is the id of the only object of that name, or empty: then a person chooses.
    """

    field: str
    reference: Reference
    options: Sequence[Named]
    chosen: str


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a pasted text holds. `labels` are its automations; the one at `which` is looked at.

    `document` is None where there is none to take; then a diagnostic says why.
    """

    format: Format | None
    reason: str
    labels: Sequence[str]
    which: int
    document: Document | None
    wants: Sequence[Want]
    losses: Sequence[str]
    diagnostics: Sequence[Diagnostic]

    @property
    def word(self) -> str:
        return self.format.spec.word if self.format else "Nothing"

    @property
    def errors(self) -> int:
        return sum(each.severity is Severity.ERROR for each in self.diagnostics)

    def taken(self, chosen: Mapping[str, str]) -> Document | None:
        """The document with the ids that a person chose; what is left open stays open."""
        if self.document is None:
            return None
        document = deepcopy(self.document)
        for want in self.wants:
            known = {str(option.id) for option in want.options}
            value = chosen.get(want.field, want.chosen)
            if value in known:
                _put(document, want.reference.loc, value)
        return document


def look(text: str, *, which: int = 0, format: Format | None = None) -> ImportPreview:
    """Read a text in the format that it seems to be in. A query for each kind of thing it names."""
    detected = detect.detect(text)
    format = format or detected.format
    reading = detect.read(text, format)
    labels = [
        each.label or f"Without a name ({n})" for n, each in enumerate(reading.automations, 1)
    ]
    which = which if 0 <= which < len(labels) else 0
    bad = any(each.code in NO_DOCUMENT for each in reading.diagnostics)
    automation = reading.automations[which] if labels and not bad else None
    return ImportPreview(
        format,
        detected.reason,
        labels,
        which,
        automation.document if automation else None,
        _wants(automation.references) if automation else [],
        list(dict.fromkeys(loss.message for loss in reading.losses)),
        _of(reading, automation),
    )


def _of(reading: Reading, automation: ParsedAutomation | None) -> list[Diagnostic]:
    """What is said of the automation that is looked at; selects say what is unresolved."""
    said = [each for each in reading.diagnostics if each.code != "unresolved"]
    if automation is None or len(reading.automations) == 1:
        return said
    whole = automation.places.values.get(())
    if whole is None:
        return said
    return [each for each in said if whole.line <= each.line <= whole.end_line]


def _wants(references: Sequence[Reference]) -> list[Want]:
    names = defaultdict[str, set[str]](set)
    for each in references:
        names[each.kind] |= {each.name} if each.name else set()
    options = {
        kind: name_lookup.BY_KIND[kind](reference)
        for kind, reference in names.items()
        if kind in name_lookup.BY_KIND
    }
    return [
        Want(f"want.{number}", each, options.get(each.kind, []), _only(each, options))
        for number, each in enumerate(references)
    ]


def _only(reference: Reference, options: Mapping[str, Sequence[Named]]) -> str:
    ids = [
        each.id
        for each in options.get(reference.kind, [])
        if each.name == reference.name and reference.flow_name in (None, each.group)
    ]
    return str(ids[0]) if len(ids) == 1 else ""


def _put(root: Any, loc: Loc, value: str) -> None:
    for part in loc[:-1]:
        root = root[part]
    root[loc[-1]] = value
