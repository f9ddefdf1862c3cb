"""Lint of the steps of a sequence: L22. Pure."""

from collections.abc import Iterator

from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, warning
from triggers_app.automation.lint.places import ROLE, one_role, triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.loops.overlap import first_overlaps, names_overlap, values_overlap
from triggers_app.automation.triggers import (
    EventTrigger,
    Posture,
    SequenceTrigger,
    Specification,
    Trigger,
)

MOST_LEAVES = 30
# An event has at most one related resource of these.
_ONE = frozenset({"deployment", "flow", "flow-run", "work-pool", "work-queue"})


@rule(
    "L22",
    "Steps that one event can meet",
    "One event can count for two steps of a sequence. It is given to them in the order in "
    "which they stand, so the sequence may be through sooner than it looks.",
)
def shared_steps(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L22: one event that two steps of a sequence wait for."""
    for loc, trigger in triggers(document):
        if not isinstance(trigger, SequenceTrigger):
            continue
        steps = [(i, names) for i, c in enumerate(trigger.children) if (names := _leaves(c))]
        for later, earlier in _shared([leaves for _, leaves in steps]):
            index, before = steps[later][0], steps[earlier][0]
            yield warning(
                "L22",
                (*loc, "triggers", index),
                f"One event can count for this step and for step {before + 1} at once; it is "
                "given to the steps in their order. Narrow one of them so that each event "
                "belongs to one step.",
            )


def _shared(steps: list[list[EventTrigger]]) -> Iterator[tuple[int, int]]:
    def overlap(one: int, other: int) -> bool:
        return any(_overlap(a, b) for a in steps[one] for b in steps[other])

    yield from first_overlaps([_names(leaves) for leaves in steps], overlap).items()


def _leaves(child: Trigger) -> list[EventTrigger]:
    """The triggers that an event can fire at once; silence does not come from an event."""
    nodes = (node for node in child.walk() if isinstance(node, EventTrigger))
    return [node for node in nodes if node.posture is Posture.REACTIVE][:MOST_LEAVES]


def _names(leaves: list[EventTrigger]) -> list[str]:
    if not all(leaf.expect for leaf in leaves):
        return []
    return [name for leaf in leaves for name in leaf.expect]


def _overlap(one: EventTrigger, other: EventTrigger) -> bool:
    if not names_overlap(one.expect, other.expect) or not _agree(one.match, other.match):
        return False
    return all(
        _agree(mine, theirs)
        for mine in one.related_specifications
        for theirs in other.related_specifications
        if one_role(mine) == one_role(theirs) and one_role(mine) in _ONE
    )


def _agree(one: Specification, other: Specification) -> bool:
    """Whether one resource can meet both."""
    shared = [label for label in one if label in other and label != ROLE]
    return all(values_overlap(one[label], other[label]) for label in shared)
