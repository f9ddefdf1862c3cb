"""What lint says about a draft: remembered for its revision, placed at the fields of its form."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from project.lib.problems import Problem
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.editing.grouping import give, labels_of, parts_of
from triggers_app.automation.editing.nodes import walk
from triggers_app.automation.editing.problem_fields import field_of, place
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, apply_fix
from triggers_app.automation.lint.registry import lint
from triggers_app.automation.lint.windows import short_waits
from triggers_app.automation.triggers import UNGROUPED
from triggers_app.automation.unknown_values import TYPE as UNFINISHED
from triggers_app.automation.unknown_values import left_out
from triggers_app.builder.backtest.service import cached_result
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis, read_draft
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.lint import context as facts
from triggers_app.builder.lint.context import facts_of
from triggers_app.builder.parameters import chosen_event
from triggers_app.models import Draft
from triggers_app.services.backtest_result import BacktestResult

KEPT_SECONDS = 10.0
MOST_KEPT = 200
MAX_FINDINGS = 100
_REPAIRS = {UNFINISHED: "Leave it out", UNGROUPED: "Group all conditions the same way"}
_DONE = {UNFINISHED: "Left out what is not known of", UNGROUPED: "Grouped all conditions of"}
GONE = "This was settled already, or the draft has changed. Look again."


@dataclass(frozen=True, slots=True)
class Known:
    """The findings, and what they rest on.

    `facts` is None while the draft says no automation; `backtest` until there is a result.
    """

    findings: list[Finding]
    facts: LintContext | None
    backtest: BacktestResult | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """One line: a finding, or (without a code) something that the form lacks.

    `field` is the name of a field of the form, or of a part of it; `node` the id of its node,
    empty elsewhere. `key` tells it from all others.
    """

    code: str
    severity: str
    message: str
    field: str
    place: str
    node: str
    key: str
    fix: str = ""
    asks: bool = False


@process_memory
def _memory() -> TtlCache:
    return TtlCache(seconds=KEPT_SECONDS, most=MOST_KEPT)


def findings_of(draft: Draft, *, now: datetime) -> list[Finding]:
    """Errors first. Of a draft that says no automation yet only what its text tells."""
    return known(draft, now=now).findings


def known(draft: Draft, *, now: datetime) -> Known:
    """The same with the facts. Remembered until the draft or its backtest changes, 10 s at most."""
    result = cached_result(draft)
    backtest = None if result is None else (result.covered_until, result.firings_total)
    key = (draft.pk, draft.rev, backtest, repr(draft.chosen.get("event")))
    answer: Known = _memory().ask(key, lambda: _known(draft, result, now), now=now)
    return answer


def _known(draft: Draft, result: BacktestResult | None, now: datetime) -> Known:
    automation = read_draft(draft).automation
    if automation is None:
        return Known(list(short_waits(draft.document)), None, result)
    facts = facts_of(draft, automation, result, now=now)
    return Known(lint(automation, facts), facts, result)


def blocking(draft: Draft, confirmed: frozenset[str], *, now: datetime) -> list[Finding]:
    """What speaks against switching it on; `confirmed` are codes that a person has agreed to.

    Judged by what is there now: nothing that was remembered speaks against a save.
    """
    for memory in (_memory(), facts.memory(), chosen_event.memory()):
        memory.clear()
    return [
        finding
        for finding in findings_of(draft, now=now)
        if finding.stops_enabling or (finding.asks_confirmation and finding.code not in confirmed)
    ]


def views_of(draft: Draft, findings: Sequence[Finding]) -> list[FindingView]:
    """What is wrong with the form, then the findings, errors first; at most 100 of each."""
    return [
        *_incomplete(draft, read_draft(draft))[:MAX_FINDINGS],
        *(_placed(draft, each) for each in findings[:MAX_FINDINGS]),
    ]


def fix(draft: Draft, key: str, *, author: str, rev: int, now: datetime) -> Applied:
    """Make the edits of the finding with that key, one step to undo: "Fix L01".

    `Applied.problems` tells when there is none any more. Raises Draft.DoesNotExist.
    """
    if (problem := _repairable(draft, key)) is not None:
        return _repair(draft, problem, author=author, rev=rev, now=now)
    finding = next((one for one in findings_of(draft, now=now) if key_of(one) == key), None)
    if finding is None or finding.fix is None:
        return Applied(draft, draft.rev, {"": [GONE]})
    remedy = finding.fix

    def change(document: dict[str, Any]) -> dict[str, Any]:
        return apply_fix(document, remedy)

    try:
        label = f"Fix {finding.code}"
        return drafts.edit(draft.pk, author=author, rev=rev, change=change, label=label, now=now)
    except LookupError:
        return Applied(draft, draft.rev, {"": [GONE]})


def _repairable(draft: Draft, key: str) -> Problem | None:
    """The problem with that key that one click settles."""
    known = (one for one in read_draft(draft).problems if one.type in _REPAIRS)
    return next((one for one in known if _key_of(one) == key), None)


def _repair(draft: Draft, problem: Problem, *, author: str, rev: int, now: datetime) -> Applied:
    def change(document: dict[str, Any]) -> dict[str, Any]:
        if problem.type == UNFINISHED:
            return left_out(document, problem.loc)
        group = next((one for one in walk(document) if one.loc == problem.loc), None)
        for part in parts_of(group.node) if group else ():
            give(labels_of(group.node) if group else (), part)
        return document

    label = f"{_DONE[problem.type]} {_place_of(draft, problem)}"
    return drafts.edit(draft.pk, author=author, rev=rev, change=change, label=label, now=now)


def _place_of(draft: Draft, problem: Problem) -> str:
    return place(draft.document, problem.loc) or "the automation"


def key_of(finding: Finding) -> str:
    """The same for the same finding in every process, and after a restart."""
    return _hashed(finding.code, finding.loc, finding.message)


def _key_of(problem: Problem) -> str:
    return _hashed(problem.type, problem.loc, problem.msg)


def _hashed(*parts: object) -> str:
    text = repr(parts)
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).hexdigest()


def _placed(draft: Draft, finding: Finding) -> FindingView:
    name = field_of(draft.document, Problem(finding.loc, finding.message))
    return FindingView(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        field=name,
        place=place(draft.document, finding.loc),
        node=_node_in(name),
        key=key_of(finding),
        fix="" if finding.fix is None else finding.fix.title,
        asks=finding.asks_confirmation,
    )


def _incomplete(draft: Draft, reading: DraftAnalysis) -> list[FindingView]:
    """What the parser, or a field, does not take."""
    problems: Sequence[tuple[str, str]] = [
        (name, message)
        for name, messages in reading.field_problems.items()
        for message in dict.fromkeys(messages)
    ]
    views_of = [
        FindingView("", "error", message, name, "", _node_in(name), f"{number}")
        for number, (name, message) in enumerate(problems)
    ]
    # What no field shows cannot be written in one.
    repairs = {
        (name, one.msg): (_key_of(one), _REPAIRS[one.type])
        for one in reading.problems
        if one.type in _REPAIRS and (name := field_of(draft.document, one)) not in reading.fields
    }
    return [
        replace(one, key=repairs[slot][0], fix=repairs[slot][1])
        if (slot := (one.field, one.message)) in repairs
        else one
        for one in views_of
    ]


def _node_in(name: str) -> str:
    return name.split(".")[1] if name.startswith("n.") else ""
