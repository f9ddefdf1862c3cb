"""What is wrong with a document that was read, at the places where it stands in its text."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc
from triggers_app.automation.document import ACTION_LISTS, document
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.reading import (
    Diagnostic,
    ParsedAutomation,
    Reading,
    Severity,
    TextFix,
    in_order,
    refused,
)
from triggers_app.automation.parsing import MAX_DEPTH, parse_automation
from triggers_app.automation.unknown_keys import UnknownKey, unknown_keys
from triggers_app.automation.unknown_values import TYPE, UNKNOWN

NO_ID = "00000000-0000-0000-0000-000000000000"
SERVER_MADE = (
    "id",
    "created",
    "updated",
    "account",
    "workspace",
    "actor",
    "managed_by",
    "run_actor_id",
)
FORBIDDEN = "extra_forbidden"
"""The type of the parser's problem about a key that makes no automation."""
MAX_AUTOMATIONS = 1_000
MAX_WEIGHT = 6_100
"""Of what the builder shows: 1,000 events of a label each, or 750 parameters. A page of that takes
two seconds of CPU."""


def canonical(automation: Document) -> Document:
    """The document with every default written out and without ids of triggers.

    Two documents with equal canonical forms are the same automation: ids of triggers are
    the server's. Raises Invalid.
    """
    parsed = parse_automation(automation)
    written = document(parsed)
    without_ids(written["trigger"])
    return written


def without_ids(trigger: Any) -> None:
    """Take the ids, which the server makes, out of a trigger's document; children included."""
    if isinstance(trigger, dict):
        trigger.pop("id", None)
        children = trigger.get("triggers")
        for child in children if isinstance(children, list) else []:
            without_ids(child)


def checked(
    automations: list[ParsedAutomation],
    losses: list[Loss] | None = None,
    said: list[Diagnostic] | None = None,
) -> Reading:
    """A reading with everything that is wrong with the documents, in the order of the text."""
    if len(automations) > MAX_AUTOMATIONS:
        count = f"{len(automations):,} automations"
        message = f"The text holds {count}; at most {MAX_AUTOMATIONS:,} are read."
        return refused(message, code="too_large", span=automations[MAX_AUTOMATIONS].places.of(()))
    diagnostics = list(said or [])
    placed = {each.loc for each in diagnostics if each.loc is not None}
    # Keys of an object that are not known are told at the object, or at one of them.
    placed |= {(*end, UNKNOWN) for loc in placed for end in (loc, loc[:-1])}
    for each in automations:
        diagnostics += _too_many_parts(each)
        # Why a value is not known was said by who read it.
        unknown = list(_unknown_keys(each))
        there = placed | {diagnostic.loc for diagnostic in unknown}
        diagnostics += (
            diagnostic
            for diagnostic in _problems(each)
            if diagnostic.code not in (TYPE, FORBIDDEN) or diagnostic.loc not in there
        )
        diagnostics += unknown
    return Reading(automations, losses or [], in_order(diagnostics))


def without_server_made(automation: Document) -> tuple[Document, list[Loss]]:
    """What an API's answer has beside the document is the server's own; it is left out."""
    kept = {key: value for key, value in automation.items() if key not in SERVER_MADE}
    left = [key for key in automation if key in SERVER_MADE]
    return kept, [Loss((key,), f"`{key}` is left out: the server gives it.") for key in left]


def _too_many_parts(automation: ParsedAutomation) -> Iterator[Diagnostic]:
    weight = 0
    for loc, each in _parts(automation.document):
        weight += each
        if weight > MAX_WEIGHT:
            message = "The builder opens no automation of that many triggers, labels and actions."
            yield Diagnostic(automation.places.of(loc), "too_many_parts", message, loc=loc)
            return


def _parts(automation: Document) -> Iterator[tuple[Loc, int]]:
    """Whatever the builder shows with fields of its own, and what that weighs."""
    yield from _parts_of(("trigger",), automation.get("trigger"))
    for name in ACTION_LISTS:
        for index, action in enumerate(_listed(automation.get(name))):
            yield (name, index), 6
            parameters = action.get("parameters") if isinstance(action, dict) else None
            yield from (((name, index, "parameters", key), 8) for key in _keys(parameters))


def _parts_of(loc: Loc, trigger: Any) -> Iterator[tuple[Loc, int]]:
    if not isinstance(trigger, dict) or len(loc) > 2 * MAX_DEPTH:
        return
    yield loc, 5
    related = trigger.get("match_related")
    yield from (((*loc, "match", key), 1) for key in _keys(trigger.get("match")))
    for each in related if isinstance(related, list) else [related]:
        yield from (((*loc, "match_related"), 1) for _ in _keys(each))
    for index, child in enumerate(_listed(trigger.get("triggers"))):
        yield from _parts_of((*loc, "triggers", index), child)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _problems(automation: ParsedAutomation) -> Iterator[Diagnostic]:
    filled = deepcopy(automation.document) if automation.references else automation.document
    for reference in automation.references:
        _put(filled, reference.loc, NO_ID)
        yield Diagnostic(
            automation.places.of(reference.loc),
            "unresolved",
            f"Choose the {reference.kind}: the text names it as `{reference.text}`, not by its id.",
            Severity.WARNING,
            reference.loc,
        )
    try:
        parse_automation(filled)
    except Invalid as error:
        for problem in error.problems:
            span = automation.places.concerned(problem.loc, problem.msg)
            yield Diagnostic(span, problem.type, problem.msg, loc=problem.loc)


def _put(root: Any, loc: Loc, value: str) -> None:
    try:
        for part in loc[:-1]:
            root = root[part]
        root.setdefault(loc[-1], value)
    except (LookupError, TypeError, AttributeError):
        return  # the place is not there; the parser says so


def _unknown_keys(automation: ParsedAutomation) -> Iterator[Diagnostic]:
    """Keys that nobody knows are kept, and told; where one looks like another, with a fix."""
    for unknown in unknown_keys(automation.document):
        if unknown.refused and unknown.meant is None:
            continue  # the parser says so
        span = automation.places.keys.get(unknown.loc)
        fix = None
        if span is not None and unknown.meant and _is_free(automation.document, unknown):
            fix = TextFix(f"Rename to `{unknown.meant}`", span, unknown.meant)
        place = span or automation.places.of(unknown.loc)
        code, severity = "unknown_key", Severity.WARNING
        if unknown.refused:
            code, severity = FORBIDDEN, Severity.ERROR
        yield Diagnostic(place, code, unknown.sentence, severity, unknown.loc, fix)


def _is_free(document: Any, unknown: UnknownKey) -> bool:
    for part in unknown.loc[:-1]:
        document = document[part]
    return unknown.meant not in document
