"""Lint of an automation among the others: L12, L15, and L22 among its own steps. Pure."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import NamePatterns
from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument, meaning
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Edit, Finding, Fix, error, warning
from triggers_app.automation.lint.names import takes_every_event
from triggers_app.automation.lint.places import ROLE
from triggers_app.automation.lint.rule import part_of, rule
from triggers_app.automation.loops.cycles import Cycle, find_cycles
from triggers_app.automation.loops.overlap import accepts_all_beginning
from triggers_app.automation.loops.prefect_guard import loop_problems
from triggers_app.automation.loops.run_reach import reaches
from triggers_app.automation.triggers import EventTrigger, Posture

_OWN_EVENTS = tuple(
    f"prefect.automation.{what}" for what in ("triggered", "action.triggered", "action.executed")
)


@rule(
    "L12",
    "A loop",
    "The automation runs a deployment whose runs, perhaps by way of other automations, "
    "fire it again.",
)
def loops(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L12: the automation starts itself, certainly or possibly, alone or over others."""

    def name_of(deployment_id: UUID) -> str | None:
        known = facts.deployments.get(deployment_id)
        return None if known is None else known.name

    refused = {
        problem.loc: problem.msg
        for problem in loop_problems(document.model_copy(update={"enabled": True}))
    }
    fixes: dict[Loc, Fix | None] = {}
    for cycle in find_cycles(document, facts.others, automation_id=facts.automation_id):
        words, fix = cycle.words(name_of), _leaving_itself_out(document, cycle)
        if cycle.loc in refused:
            fixes[cycle.loc] = fix
        elif cycle.certain:
            message = f"This starts itself: {words}. {_GUARDED} {_REMEDY}"
            yield error("L12", cycle.loc, message, fix)
        else:
            message = f"This may start itself: {words}. {_REMEDY}"
            yield warning("L12", cycle.loc, message, fix)
    for loc, message in refused.items():
        yield Finding("L12", "error", loc, message, fixes.get(loc), refused=True)


_GUARDED = (
    "Switched on, it is guarded: it ignores the events that it has caused itself, and fires for "
    "all others. If that is not what you want:"
)
_REMEDY = "Narrow one of these triggers, or let it expect a state that not every run passes."


def _leaving_itself_out(document: AutomationDocument, cycle: Cycle) -> Fix | None:
    """For a trigger on runs of any deployment: all but the one that it runs itself."""
    deployment_id = cycle.steps[0].deployment_id
    if len(cycle.steps) > 1 or deployment_id is None:
        return None
    if not isinstance(document.trigger, EventTrigger):
        return None
    if any(way.only is not None for way in reaches(document.trigger)):
        return None
    other = {ROLE: "deployment", RESOURCE_ID: f"!prefect.deployment.{deployment_id}"}
    edit = Edit("append", ("trigger", "match_related"), other)
    return Fix("Leave out the runs that it starts itself", (edit,))


@part_of("L12")
def own_firings(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L12: every firing emits events that fire it again."""
    trigger = document.trigger
    if not isinstance(trigger, EventTrigger) or takes_every_event(trigger):
        return
    at_once = (
        trigger.posture is Posture.REACTIVE
        and not trigger.after
        and trigger.threshold <= 1
        and trigger.within == timedelta(0)
        and not trigger.related_specifications
    )
    ids = trigger.match.get(RESOURCE_ID, "*")
    unfiltered = set(trigger.match) <= {RESOURCE_ID} and accepts_all_beginning(
        ids, "prefect.automation."
    )
    own = next(filter(NamePatterns(trigger.expect).match, _OWN_EVENTS), None)
    if at_once and unfiltered and own is not None:
        message = (
            f"Each firing emits `{own}`, which fires this automation again, for ever. Name the "
            f"automations that it shall follow: `match` on `{RESOURCE_ID}`."
        )
        yield Finding("L12", "error", ("trigger", "expect"), message, refused=True)


@rule(
    "L15",
    "The same trigger elsewhere",
    "Another automation fires on exactly the same. If that is not wanted twice, put the "
    "actions into one automation.",
)
def same_trigger(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L15: another automation has a trigger that means the same."""
    if not facts.same_triggers:
        return
    known = facts.same_triggers.get(meaning(document.trigger), ())
    names = [name for automation_id, name in known if automation_id != facts.automation_id]
    if names:
        listed = ", ".join(f"`{name}`" for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield warning(
            "L15",
            ("trigger",),
            f"{listed}{more} fire on exactly the same. If that is not wanted twice, put the "
            "actions into one automation.",
        )
