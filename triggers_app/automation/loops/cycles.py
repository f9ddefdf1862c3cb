"""Automations that start themselves by way of others: a search for cycles. Pure.

Deployments are places, automations are ways: one leads from D to E if runs of D can fire it
and it runs E. A cycle begins and ends at the automation that is being looked at. Every other
one is walked once, so the search is linear in what is saved. Source: docs/semantics.md, row 14.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.loops.links import Other, Others, RunAction, runs_of
from triggers_app.automation.loops.run_reach import Reach, reaches

DeploymentName = Callable[[UUID], str | None]
# A sentence with more steps than this names the first and the last ones.
MAX_STEPS = 8


@dataclass(frozen=True, slots=True)
class LoopStep:
    """A run of the deployment emits `event`, which fires the automation. None: the event's own."""

    deployment_id: UUID | None
    event: str
    automation: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Cycle:
    """From the action at `loc` of the automation of this name, back to that automation."""

    loc: Loc
    automation: str
    steps: tuple[LoopStep, ...]

    @property
    def certain(self) -> bool:
        return all(step.sure for step in self.steps)

    def words(self, deployment_name: DeploymentName | None = None) -> str:
        """`a` runs `etl`, whose prefect.flow-run.Completed fires `b`, which runs …"""
        parts = [
            f"runs {_named(step.deployment_id, deployment_name)}, "
            f"whose {step.event} fires `{step.automation}`"
            for step in self.steps
        ]
        if len(parts) > MAX_STEPS:
            left_out = len(parts) - MAX_STEPS + 1
            parts[MAX_STEPS - 3 : -2] = [f"leads over {left_out} more automations"]
        return f"`{self.automation}` {', which '.join(parts)} again"


def _named(deployment_id: UUID | None, deployment_name: DeploymentName | None) -> str:
    if deployment_id is None:
        return "the event's deployment"
    name = None if deployment_name is None else deployment_name(deployment_id)
    return f"deployment {deployment_id}" if name is None else f"`{name}`"


def find_cycles(
    document: AutomationDocument,
    others: Others | None = None,
    *,
    automation_id: UUID | None = None,
    only_certain: bool = False,
) -> list[Cycle]:
    """The cycles back to the document's trigger, certain ones first; at most one per action.

    `automation_id` is the document's own if it is saved: its saved form is left out.
    `only_certain` asks for no others, which is much cheaper where few ways are certain.
    """
    ways, runs = reaches(document.trigger), runs_of(document)
    cycles: dict[Loc, Cycle] = {}
    for sure in (True,) if only_certain else (True, False):
        search = _Search(document.name, ways, others or Others(()), sure, automation_id)
        for cycle in search.from_runs([run for run in runs if run[0] not in cycles]):
            cycles[cycle.loc] = cycle
    return list(cycles.values())


class _Search:
    """Breadth first, from all actions at once; with `sure`, on certain ways only."""

    def __init__(
        self, name: str, ways: list[Reach], others: Others, sure: bool, leave_out: UUID | None
    ) -> None:
        self.name, self.others, self.sure = name, others, sure
        self.ways = [way for way in ways if way.sure or not sure]
        self.walked = {leave_out}
        # Each is asked again by every place until one gets through: an excluded deployment
        # can hold it back once, so all of that together is linear, too.
        self.open = deque(others.open)
        self.began: dict[UUID, Loc] = {}
        self.came_by: dict[UUID, tuple[UUID, LoopStep]] = {}

    def from_runs(self, runs: list[RunAction]) -> Iterator[Cycle]:
        if not self.ways or not runs:
            return
        for loc, place in runs:
            if place is None:
                yield Cycle(loc, self.name, (self._home(None, self.ways[0]),))
            else:
                self.began.setdefault(place, loc)
        begun: dict[UUID, UUID] = {place: place for place in self.began}
        done: set[UUID] = set()
        waiting = deque(begun)
        while waiting:
            place = waiting.popleft()
            begin = begun[place]
            way = next((way for way in self.ways if way.takes(place)), None)
            if way is not None and begin not in done:
                done.add(begin)
                yield self._cycle(place, way)
            for other, step in self._ways_from(place):
                for target in other.runs:
                    if target not in begun:
                        begun[target] = begin
                        self.came_by[target] = (place, step)
                        waiting.append(target)

    def _ways_from(self, place: UUID) -> Iterator[tuple[Other, LoopStep]]:
        for other, reach in self._fired_by(place):
            self.walked.add(other.id)
            yield other, LoopStep(place, reach.event, other.name, reach.sure)

    def _fired_by(self, place: UUID) -> Iterator[tuple[Other, Reach]]:
        for other, reach in self.others.by_deployment.get(place, ()):
            if self._usable(other, reach) and reach.takes(place):
                yield other, reach
        for _ in range(len(self.open)):
            other, reach = self.open.popleft()
            if self._usable(other, reach):
                if reach.takes(place):
                    yield other, reach
                else:
                    self.open.append((other, reach))

    def _usable(self, other: Other, reach: Reach) -> bool:
        return other.id not in self.walked and (reach.sure or not self.sure)

    def _home(self, place: UUID | None, way: Reach) -> LoopStep:
        return LoopStep(place, way.event, self.name, way.sure)

    def _cycle(self, place: UUID, way: Reach) -> Cycle:
        steps = [self._home(place, way)]
        while place not in self.began:
            place, step = self.came_by[place]
            steps.append(step)
        return Cycle(self.began[place], self.name, tuple(reversed(steps)))
