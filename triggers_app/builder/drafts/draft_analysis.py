"""A draft read as an automation: its sentence, the sentences of its parts, what is wrong where."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Problem
from runs_app.reads import deployments
from triggers_app.automation.document import AutomationDocument, actions_in
from triggers_app.automation.editing.fields import (
    FieldProblem,
    fields_of,
    with_fields,
)
from triggers_app.automation.editing.nodes import Placed, walk
from triggers_app.automation.editing.problem_fields import (
    field_of,
    in_the_form,
    loc_of,
    sentence_in_place,
)
from triggers_app.automation.editing.unfinished import INCOMPLETE, node_sentences, unfinished
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.wording import automation_sentence
from triggers_app.models import Draft

_KEPT = 64


@dataclass(frozen=True, slots=True)
class DraftAnalysis:
    """What a draft says. `automation` is None while it does not say one.

    `problems` have the places of `document`; `field_problems` the same by names of fields,
    or `n.<node>` and `a.<list>.<index>` for a whole part, with what could not be read in fields.
    `incomplete` are those that no parser finds, `unread` those of fields that could not be read:
    saving is refused while there are any.
    """

    document: Document
    automation: AutomationDocument | None
    problems: list[Problem]
    incomplete: list[Problem]
    unread: list[Problem]
    sentence: str
    node_sentences: dict[str, str]
    nodes: dict[str, Placed]
    fields: dict[str, str]
    field_problems: dict[str, list[str]]
    deployment_names: dict[UUID, str]

    @property
    def complete(self) -> bool:
        """It says an automation, with nothing missing."""
        return self.automation is not None and not (self.problems or self.incomplete)


class _Readings:
    """The readings that were asked for last: every part of a page asks for the same one."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[UUID, int], DraftAnalysis] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[UUID, int]) -> DraftAnalysis | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: tuple[UUID, int], reading: DraftAnalysis) -> None:
        with self._lock:
            self._known[key] = reading
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)


_readings = _Readings()


def read_draft(draft: Draft) -> DraftAnalysis:
    """The draft at its `rev`; it is not changed by the caller. One query, for names, or none."""
    key = (draft.pk, draft.rev)
    reading = _readings.get(key)
    if reading is None:
        reading = read_document(draft.document, rejected=draft.rejected)
        _readings.put(key, reading)
    return reading


def read_document(document: Document, *, rejected: Mapping[str, str]) -> DraftAnalysis:
    """The same of a document that is no draft's. One query, or none."""
    automation, problems = _parsed(document)
    names = deployments.names(_deployments(document))
    incomplete = [*unfinished(document)]
    nodes = {placed.id: placed for placed in walk(document)}
    by_field = _by_field(document, [*problems, *incomplete])
    unread = with_fields(document, rejected)[1]
    for problem in unread:
        by_field.setdefault(problem.field, []).insert(0, problem.message)
    return DraftAnalysis(
        document=document,
        automation=automation,
        problems=problems,
        incomplete=incomplete,
        unread=_unread(document, unread),
        sentence=_sentence(document, automation, [*problems, *incomplete], names),
        node_sentences=node_sentences(document, automation),
        nodes=nodes,
        fields={**fields_of(document), **rejected},
        field_problems=by_field,
        deployment_names=names,
    )


def _parsed(document: Document) -> tuple[AutomationDocument | None, list[Problem]]:
    try:
        return parse_automation(document), []
    except Invalid as error:
        return None, [in_the_form(one) for one in error.problems]


def _unread(document: Document, problems: list[FieldProblem]) -> list[Problem]:
    return [
        Problem(loc_of(document, each.field), f"{each.message} You typed: {each.text}", "unread")
        for each in problems
    ]


def _sentence(
    document: Document,
    automation: AutomationDocument | None,
    problems: list[Problem],
    names: Mapping[UUID, str],
) -> str:
    if automation is None or problems:
        return f"{INCOMPLETE}: {sentence_in_place(document, problems[0])}"
    return automation_sentence(automation, names.get)


def _by_field(document: Document, problems: list[Problem]) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        by_field.setdefault(field_of(document, problem), []).append(problem.msg)
    return by_field


def _deployments(document: Document) -> set[UUID]:
    return set(_ids(action for _, action in actions_in(document)))


def _ids(actions: Iterator[dict[str, Any]]) -> Iterator[UUID]:
    for action in actions:
        try:
            yield UUID(str(action.get("deployment_id")))
        except ValueError:
            continue
