"""From JSON values to documents: all problems at once, located, in sentences."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from project.lib.problems import Invalid, Loc, Problem, crowded_place
from triggers_app.automation.actions import ACTION_KINDS
from triggers_app.automation.document import ACTION_LISTS, AutomationDocument, FlintOptions
from triggers_app.automation.near_keys import near_key
from triggers_app.automation.triggers import (
    KINDS,
    METRIC_NAMES,
    AnyTrigger,
    MetricTrigger,
    Trigger,
)
from triggers_app.automation.unknown_keys import ALIASES, unknown_keys
from triggers_app.automation.unknown_values import unknown_problems, without_those_below

MAX_DEPTH = 64
MAX_VALUES = 100_000
MOST_PROBLEMS = 1000
Parsed = TypeVar("Parsed")

_automation = TypeAdapter(AutomationDocument)
_trigger: TypeAdapter[Trigger] = TypeAdapter(AnyTrigger)


def parse_automation(data: object) -> AutomationDocument:
    """Read an automation document; ids of triggers are kept where they are UUIDs.

    Raises Invalid with every problem.
    """
    return _parsed(_automation, data)


def parse_posted(data: object, *, tell_slips: bool = False) -> AutomationDocument:
    """The same of a document that somebody sends. Raises Invalid, also where it holds too much.

    One that is stored has its defaults, too, and is larger than what was sent. `tell_slips`:
    where something is wrong, keys that look like others are told as well, for what is missing
    may be misspelled. Whoever tells unknown keys anyway leaves that out.
    """
    _require_bounded(data)
    try:
        return parse_automation(data)
    except Invalid as invalid:
        slips = _slips(data, invalid.problems) if tell_slips else ()
        raise Invalid([*invalid.problems, *slips]) from None


def _slips(data: object, problems: list[Problem]) -> Iterator[Problem]:
    known_places = {problem.loc for problem in problems}
    if any(problem.type in ("too_deep", "too_many_values") for problem in problems):
        return
    for unknown in islice(unknown_keys(data), MOST_PROBLEMS):
        if unknown.meant is not None and unknown.loc not in known_places:
            yield Problem(unknown.loc, unknown.sentence, "unknown_key")


def _require_bounded(data: object) -> None:
    crowded = crowded_place(data, MAX_VALUES)
    if crowded is not None:
        message = f"With these there are more than {MAX_VALUES:,} values."
        raise Invalid([Problem(crowded, message, "too_many_values")])


def parse_trigger(data: object) -> Trigger:
    """Read one trigger document; raises Invalid with every problem."""
    return _parsed(_trigger, data, root_is_trigger=True)


def _parsed(adapter: TypeAdapter[Parsed], data: object, *, root_is_trigger: bool = False) -> Parsed:
    cleaned = _cleaned(data)
    unfinished = unknown_problems(cleaned)
    try:
        parsed = adapter.validate_python(cleaned)
    except ValidationError as error:
        others = problems_of(error, root_is_trigger=root_is_trigger)
        raise Invalid([*unfinished, *without_those_below(others, unfinished)]) from None
    if unfinished:
        raise Invalid(unfinished)
    return parsed


class PartialDocument(BaseModel):
    """All that a PATCH may change."""

    model_config = ConfigDict(extra="forbid")
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class PartialUpdate:
    enabled: bool


def parse_partial_update(data: object) -> PartialUpdate:
    """Read the body of a PATCH: `enabled` is all that it may change (and its default is true)."""
    _require_bounded(data)
    try:
        return PartialUpdate(PartialDocument.model_validate(data).enabled)
    except ValidationError as error:
        raise Invalid(problems_of(error)) from None


def enabling_problem(automation: AutomationDocument) -> str | None:
    """Why this automation cannot be enabled; None when it can."""
    for node in automation.trigger.walk():
        if isinstance(node, MetricTrigger) and node.metric.name not in METRIC_NAMES:
            known = ", ".join(METRIC_NAMES)
            return f"Flint computes the metrics {known}; it does not know `{node.metric.name}`."
    return None


def problems_of(error: ValidationError, *, root_is_trigger: bool = False) -> list[Problem]:
    """pydantic's errors as problems: unions' tags out of the path, sentences for types."""
    errors = error.errors(include_url=False, include_input=False)
    problems = [_problem(detail, root_is_trigger) for detail in errors[:MOST_PROBLEMS]]
    if left := len(errors) - len(problems):
        problems.append(Problem((), f"And {left:,} more problems.", "more"))
    return problems


def _problem(detail: ErrorDetails, root_is_trigger: bool) -> Problem:
    loc = tuple(_without_tags(detail["loc"], root_is_trigger))
    return Problem(loc, _sentence(detail), detail["type"])


_TAGGED = {"trigger"}
_TAGGED_LISTS = {"triggers", *ACTION_LISTS}


def _without_tags(loc: Loc, tag_next: bool) -> Iterator[str | int]:
    # The tag of a union's alternative stands right after the place where it was chosen.
    previous: str | int = ""
    for part in loc:
        if tag_next:
            tag_next = False
            continue
        yield part
        in_list = isinstance(part, int) and previous in _TAGGED_LISTS
        tag_next = in_list or part in _TAGGED or part == "match_related"
        previous = part


def _sentence(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing" and detail["msg"] == "Field required":
        return f"`{detail['loc'][-1]}` is required."
    if kind == "extra_forbidden":
        return _unknown_key(detail["loc"])
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        expected = ACTION_KINDS if "do-nothing" in str(detail.get("ctx")) else KINDS
        return f"`type` must be one of {', '.join(expected)}."
    message = detail["msg"].removeprefix("Value error, ")
    return message if message.endswith(".") else f"{message}."


def _unknown_key(loc: Loc) -> str:
    known = FlintOptions.model_fields if loc[0] == "flint" else AutomationDocument.model_fields
    meant = near_key(str(loc[-1]), known, ALIASES)
    hint = "" if meant is None else f" Did you mean `{meant}`?"
    return f"`{loc[-1]}` is not a key of an automation.{hint}"


def _cleaned(data: object) -> object:
    problems = list(islice(_unstorable(data, (), 0), MOST_PROBLEMS))
    if problems:
        raise Invalid(problems)
    return data


def _unstorable(value: object, loc: Loc, depth: int) -> Iterator[Problem]:
    """What could not be stored or walked later: refused here, where it can be named."""
    if depth > MAX_DEPTH:
        yield Problem(loc[:8], f"This is nested deeper than {MAX_DEPTH} levels.", "too_deep")
    elif isinstance(value, str):
        yield from _bad_text(value, loc)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(loc, "A number must be finite.", "finite_number")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _bad_text(str(key), loc)
            yield from _unstorable(item, (*loc, key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unstorable(item, (*loc, index), depth + 1)


def _bad_text(text: str, loc: Loc) -> Iterator[Problem]:
    if "\x00" in text:
        yield Problem(loc, "A text must not contain the NUL character.", "bad_text")
    elif not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        yield Problem(loc, "A text must not contain half a surrogate pair.", "bad_text")
