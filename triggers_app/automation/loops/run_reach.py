"""From a trigger: which deployments' runs can fire it, and whether they surely do. Pure.

A run of a deployment emits `prefect.flow-run.<State>` events on `prefect.flow-run.<id>`, with
the deployment among the related resources. "Surely" means: every run of the deployment gets
there by itself (Scheduled, Pending, Running, Completed), and the trigger fires at once for it,
narrowed by nothing but the deployment. Source: docs/semantics.md, row 14.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import NamePatterns, compile_values, is_literal
from triggers_app.automation.loops.overlap import (
    accepts_all_beginning,
    listed,
    names_overlap,
    values_overlap,
)
from triggers_app.automation.triggers import (
    Composite,
    EventTrigger,
    Posture,
    Specification,
    Trigger,
    Values,
    event_names_of,
)

PREFIX = "prefect.flow-run."
SURE_STATES = ("Scheduled", "Pending", "Running", "Completed")
OTHER_STATES = (
    *("Failed", "Crashed", "Late", "Cancelling", "Cancelled", "Paused", "Suspended"),
    *("AwaitingRetry", "Retrying", "Resuming", "Submitting", "InfrastructurePending"),
    *("AwaitingConcurrencySlot", "TimedOut", "RolledBack", "Cached"),
)
_ROLE = "prefect.resource.role"
_DEPLOYMENT = "prefect.deployment."


@dataclass(frozen=True, slots=True)
class Reach:
    """Runs of these deployments can fire a trigger: `only` these (None: any), less `excluded`.

    `event` is the event of theirs that does; `sure` says that each run of theirs does it.
    """

    event: str
    sure: bool
    only: frozenset[UUID] | None = None
    excluded: frozenset[UUID] = frozenset()

    def takes(self, deployment_id: UUID) -> bool:
        admitted = self.only is None or deployment_id in self.only
        return admitted and deployment_id not in self.excluded


def reaches(trigger: Trigger) -> list[Reach]:
    """Every way in which flow runs fire the trigger; metrics and plain silence are none."""
    if isinstance(trigger, EventTrigger):
        return list(_reach_of_leaf(trigger))
    if not isinstance(trigger, Composite):
        return []
    parts = [ways for child in trigger.children if (ways := reaches(child))]
    if len(parts) < trigger.needed:
        # Something else has to happen each time: that is no loop.
        return []
    flat = [reach for part in parts for reach in part]
    return flat if trigger.needed == 1 else [replace(reach, sure=False) for reach in flat]


def may_be_reached(document: Mapping[str, Any]) -> bool:
    """Whether there can be such a way, by the names in a trigger's document alone.

    Never no where `reaches` finds one; costs a twentieth of reading the trigger.
    """
    parts = document.get("triggers")
    if isinstance(parts, list):
        return any(isinstance(part, dict) and may_be_reached(part) for part in parts)
    names = event_names_of(document)
    return not names or any("*" in name or name.startswith(PREFIX) for name in names)


def _reach_of_leaf(trigger: EventTrigger) -> Iterator[Reach]:
    names = _causes(trigger)
    name = None if names is None else _run_event(names)
    if name is None or not _may_be_a_new_run(trigger.match):
        return
    sure = (
        name.removeprefix(PREFIX) in SURE_STATES
        and trigger.posture is Posture.REACTIVE
        and not trigger.after
        and trigger.threshold <= 1
        and trigger.within == timedelta(0)
        and _is_every_new_run(trigger.match)
    )
    reach: Reach | None = Reach(name, sure)
    for specification in trigger.related_specifications:
        reach = None if reach is None else _narrowed(reach, specification)
    if reach is not None and (reach.only is None or reach.only - reach.excluded):
        yield reach


def _causes(trigger: EventTrigger) -> list[str] | None:
    """The patterns of the events that bring a firing about; None if none does."""
    if trigger.posture is Posture.PROACTIVE:
        if trigger.after:
            return trigger.after
        # Without keys it waits for silence from the start: no event begins that.
        return trigger.expect if trigger.for_each else None
    if trigger.after and not names_overlap(trigger.after, [PREFIX + "*"]):
        return None
    return trigger.expect


def _run_event(patterns: list[str]) -> str | None:
    """The state event of a run that the patterns select; those that every run emits first."""
    accepts = NamePatterns(patterns).match
    known = (PREFIX + state for state in (*SURE_STATES, *OTHER_STATES))
    custom = (name for name in patterns if names_overlap([name], [PREFIX + "*"]))
    return next((name for name in known if accepts(name)), next(custom, None))


def _may_be_a_new_run(match: Specification) -> bool:
    """An id written out is that of a run that exists already."""
    values = match.get(RESOURCE_ID)
    if values is None:
        return True
    globs = [value for value in listed(values) if not is_literal(value)]
    return values_overlap(globs, PREFIX + "*")


def _is_every_new_run(match: Specification) -> bool:
    return set(match) <= {RESOURCE_ID} and all(
        accepts_all_beginning(values, PREFIX) for values in match.values()
    )


def _narrowed(reach: Reach, specification: Specification) -> Reach | None:
    """The reach with one map of `match_related` on top; None if no run meets it."""
    role, ids = specification.get(_ROLE), specification.get(RESOURCE_ID)
    unsure = replace(reach, sure=False)
    if role is not None and not compile_values(role)("deployment"):
        return unsure
    exact = set(specification) <= {_ROLE, RESOURCE_ID}
    if ids is None or accepts_all_beginning(ids, _DEPLOYMENT):
        return reach if exact else unsure
    of_deployments = role is not None and listed(role) == ["deployment"]
    if not of_deployments and not _only_deployments(ids):
        # Any other related resource may meet it, too.
        return unsure
    return _limited(reach if exact else unsure, listed(ids))


def _only_deployments(ids: Values) -> bool:
    return all(is_literal(one) and one.startswith(_DEPLOYMENT) for one in listed(ids))


def _limited(reach: Reach, ids: list[str]) -> Reach | None:
    """To the deployments that these values of the resource id accept."""
    if all(map(is_literal, ids)):
        named = frozenset(
            deployment_id for one in ids if (deployment_id := _deployment_id(one)) is not None
        )
        only = named if reach.only is None else named & reach.only
        return replace(reach, only=only) if only else None
    if len(ids) == 1 and ids[0].startswith("!") and is_literal(ids[0][1:]):
        spared = _deployment_id(ids[0][1:])
        excluded = reach.excluded if spared is None else reach.excluded | {spared}
        return replace(reach, excluded=excluded)
    return replace(reach, sure=False) if values_overlap(ids, _DEPLOYMENT + "*") else None


def _deployment_id(resource_id: str) -> UUID | None:
    try:
        return UUID(resource_id.removeprefix(_DEPLOYMENT))
    except ValueError:
        return None
