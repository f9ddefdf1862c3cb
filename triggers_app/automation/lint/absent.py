"""Lint of labels that events do not have, and of negations: L02, L06, L07. Pure."""

from collections.abc import Iterator

from events_app.domain.event import RESOURCE_ID
from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, removing, setting, warning
from triggers_app.automation.lint.places import (
    ROLE,
    Conditions,
    event_triggers,
    needed_keys,
    one_role,
    related_maps,
    selecting_triggers,
)
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.loops.overlap import listed
from triggers_app.automation.triggers import (
    EventTrigger,
    Leaf,
    Specification,
    Values,
)

# Of these an event has any number, whatever was seen of it; of the kinds below at most one.
_MANY = frozenset({"tag"})
_ONE = ("deployment", "flow", "work-pool", "work-queue")


@rule(
    "L02",
    "A negation on related resources",
    "A map in `match_related` is satisfied by any one related resource. An event with the "
    "tags `dev` and `nightly` has a tag that is not `dev`.",
)
def negated_related(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L02: one related resource that is something else satisfies a negation."""
    for loc, trigger in selecting_triggers(document):
        for where, specification in related_maps(loc, trigger):
            role = one_role(specification)
            if not _has_many(role, facts):
                continue
            for label, values in specification.items():
                negated = [value for value in listed(values) if value.startswith("!")]
                if not negated:
                    continue
                of_role = "related resource" if role is None else f"related `{role}`"
                yield warning(
                    "L02",
                    (*where, label),
                    f"`{negated[0]}` does not keep out events that are related to "
                    f"`{negated[0][1:]}`: one other {of_role} is enough to match. Ask for what "
                    "must be there, or name a role of which an event has only one.",
                    _with_role(where, specification, label, negated),
                )


def _has_many(role: str | None, facts: LintContext) -> bool:
    return role is None or facts.related_per_role.get(role, 2 if role in _MANY else 1) > 1


def _with_role(
    where: Loc, specification: Specification, label: str, values: list[str]
) -> Fix | None:
    """The role that only resources with such ids have."""
    if label != RESOURCE_ID or ROLE in specification:
        return None
    kinds = {value[1:].removeprefix("prefect.").partition(".")[0] for value in values}
    role = next((kind for kind in _ONE if kinds == {kind}), None)
    if role is None:
        return None
    return setting(f"Look at the {role.replace('-', ' ')} only", (*where, ROLE), role)


@rule(
    "L06",
    "Events without the label of `for_each`",
    "They are all counted together, as if they had the same label.",
)
def missing_key(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L06: events without the label of `for_each` are all counted together."""
    for loc, trigger in event_triggers(document):
        for label in trigger.for_each:
            share = facts.lacking.get((loc, label), 0.0)
            if share <= 0 or label in trigger.match:
                continue
            yield warning(
                "L06",
                (*loc, "for_each"),
                f"{_percent(share)} of the matching events have no `{label}`: they are counted "
                "together, as if they had the same one. Match only events that have the label, "
                "or count by another one.",
                _fix_of_key(document, loc, trigger, label, share),
            )


def _fix_of_key(
    document: AutomationDocument, loc: Loc, trigger: EventTrigger, label: str, share: float
) -> Fix | None:
    if share >= 1:
        if label in needed_keys(document, loc):
            return None
        kept = [one for one in trigger.for_each if one != label]
        return setting(f"Do not count by `{label}`", (*loc, "for_each"), kept)
    if label.startswith("related:"):
        return None
    return setting(f"Only events that have `{label}`", (*loc, "match", label), "*")


@rule(
    "L07",
    "A negation of a label that is absent",
    "A label that is not there never matches, not even a negation.",
)
def negation_of_nothing(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L07: a negation does not match where the label is absent."""
    for loc, trigger in selecting_triggers(document):
        for where, key, specification in _conditions(loc, trigger):
            for label, values in specification.items():
                share = facts.lacking.get((key, label), 0.0)
                if share <= 0 or not _only_negated(values):
                    continue
                path = (*where, label)
                yield warning(
                    "L07",
                    path,
                    f"{_percent(share)} of the events that meet everything else have no "
                    f"`{label}`, and a label that is not there never matches, not even "
                    f"`{listed(values)[0]}`. Leave the condition out, or match the label that "
                    "they do have.",
                    removing("Leave the condition out", path) if share >= 1 else None,
                )


def _conditions(loc: Loc, trigger: Leaf) -> Iterator[tuple[Loc, Loc, Specification]]:
    """Path, key in `Facts.lacking`, and labels."""
    yield (*loc, "match"), loc, trigger.match
    related: list[Conditions] = related_maps(loc, trigger)
    for where, specification in related:
        yield where, where, specification


def _only_negated(values: Values) -> bool:
    return bool(values) and all(value.startswith("!") for value in listed(values))


def _percent(share: float) -> str:
    return "Less than 1 %" if share < 0.01 else f"{min(share, 1.0) * 100:.0f} %"
