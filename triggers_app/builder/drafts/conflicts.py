"""What others saved while a draft was being made, beside what the draft says, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc
from runs_app.reads import deployments
from triggers_app.automation.document import document as in_order
from triggers_app.automation.editing import merging, typed
from triggers_app.automation.editing.merging import differences, three_way
from triggers_app.automation.editing.problem_fields import words_of
from triggers_app.automation.model_fields import SECONDS
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation, Draft
from triggers_app.reads.versions import author_and_reason
from triggers_app.storage import drafts as storage

NOTHING = "nothing"
Names = Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A place that others changed, in words, with what stood there and what does now."""

    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A place that both changed. `path` is what a choice names."""

    path: str
    words: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class DraftConflict:
    """Somebody saved version `version` since the draft was begun with `base_version`.

    `merged` has everything of both, and mine where they clash.
    """

    automation_id: UUID
    base_version: int | None
    version: int
    changed_by: str
    changed: datetime
    changes: list[Change]
    clashes: list[Clash]
    merged: Document


def between(
    draft: Draft, row: Automation, choices: Mapping[str, str] | None = None
) -> DraftConflict:
    """The draft beside an automation that has another version. Two queries."""
    versions = storage.versions(row.pk, {draft.base_version or 0, row.version})
    base_row, newest = versions.get(draft.base_version or 0), versions.get(row.version)
    theirs, mine = _comparable(row.document), _comparable(draft.document)
    base = theirs if base_row is None else _comparable(base_row.document)
    merged = three_way(base, theirs, mine, choices)
    changes = differences(base, theirs)
    names = deployments.names(_ids([base, theirs, mine]))
    return DraftConflict(
        automation_id=row.pk,
        base_version=draft.base_version,
        version=row.version,
        changed_by=author_and_reason(newest.author)[0] if newest else "",
        changed=row.updated,
        changes=[
            Change(words_of(base, loc), text_of(loc, was, names), text_of(loc, now, names))
            for loc, was, now in changes
        ],
        clashes=[_clash(base, clash, names) for clash in merged.conflicts],
        merged=merged.document,
    )


def _clash(base: Document, conflict: merging.MergeConflict, names: Names) -> Clash:
    sides = [
        text_of(conflict.loc, value, names)
        for value in (conflict.base, conflict.theirs, conflict.mine)
    ]
    return Clash(conflict.path, words_of(base, conflict.loc), *sides)


def text_of(loc: Loc, value: Any, names: Names) -> str:
    """A value as the form shows it: times in words, deployments by their names."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if loc and loc[-1] in SECONDS:
        return typed.duration_of(value)
    if loc and loc[-1] == "deployment_id":
        return next((name for known, name in names.items() if str(known) == value), str(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return merging.text_of(value)


def _comparable(document: Document) -> Document:
    """With every default written out, so that leaving one out is no change."""
    try:
        return in_order(parse_automation(document))
    except Invalid:
        return document


def _ids(documents: list[Document]) -> set[UUID]:
    ids = set()
    for document in documents:
        try:
            for resource in parse_automation(document).related_resources:
                kind, _, text = resource.rpartition(".")
                if kind == "prefect.deployment":
                    ids.add(UUID(text))
        except Invalid:
            continue
    return ids
