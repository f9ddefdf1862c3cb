"""Which automations lead from the runs of one deployment to runs of another. Pure.

Built once from everything that is saved, and asked many times.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from project.lib.problems import Invalid, Loc
from triggers_app.automation.actions import RunDeployment
from triggers_app.automation.document import FIRED_LISTS, AutomationDocument, actions_in, is_shadow
from triggers_app.automation.loops.run_reach import Reach, may_be_reached, reaches
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import Trigger

RunAction = tuple[Loc, UUID | None]


@dataclass(frozen=True, slots=True)
class Other:
    """An enabled automation as far as a loop needs it. `runs`: the deployments that it runs.

    `inferred`: it runs the event's own deployment. `guarded`: it was marked when it was saved.
    """

    id: UUID
    name: str
    reaches: tuple[Reach, ...]
    runs: tuple[UUID, ...]
    inferred: bool = False
    guarded: bool = False

    @classmethod
    def of(cls, automation_id: UUID, name: str, trigger: Trigger, runs: Iterable[UUID]) -> "Other":
        return cls(automation_id, name, tuple(reaches(trigger)), tuple(dict.fromkeys(runs)))

    @property
    def certain(self) -> "Other | None":
        """The same with its certain ways only; None if it has none."""
        sure = tuple(way for way in self.reaches if way.sure)
        return replace(self, reaches=sure) if sure else None

    @property
    def starts_itself(self) -> bool:
        """Whether it surely fires for the runs that it starts of the events' own deployments."""
        return self.inferred and any(way.sure for way in self.reaches)

    @classmethod
    def of_document(
        cls, automation_id: UUID, document: Mapping[str, Any], *, guarded: bool = False
    ) -> "Other | None":
        """From the JSON values of a saved automation; None if it cannot be part of a loop.

        Reads the trigger (the costly part) only if a deployment is run at all, and one of its
        names can be that of a run's event.
        """
        actions = [
            action.get("deployment_id")
            for (name, _), action in actions_in(document)
            if name in FIRED_LISTS and action.get("type") == "run-deployment"
        ]
        if not actions or not document.get("enabled", True) or is_shadow(document):
            return None  # in shadow it starts nothing
        if not may_be_reached(document["trigger"]):
            return None
        try:
            trigger = parse_trigger(document["trigger"])
        except Invalid:
            # Saved by a newer version, perhaps; it is not run either.
            return None
        runs = [UUID(deployment_id) for deployment_id in actions if deployment_id]
        other = cls.of(automation_id, document["name"], trigger, runs)
        if not other.reaches:
            return None
        return replace(other, inferred=None in actions, guarded=guarded)


class Others:
    """Automations by the deployments whose runs fire them; `open`: those that any run fires.

    `running`: by the deployments that they run.
    """

    __slots__ = ("by_deployment", "open", "running")

    def __init__(self, automations: Iterable[Other]) -> None:
        self.by_deployment: dict[UUID, list[tuple[Other, Reach]]] = {}
        self.open: list[tuple[Other, Reach]] = []
        self.running: dict[UUID, list[Other]] = {}
        for other in automations:
            for place in other.runs if other.reaches else ():
                self.running.setdefault(place, []).append(other)
            # One that only runs the event's own deployment leads to no new place.
            for reach in other.reaches if other.runs else ():
                if reach.only is None:
                    self.open.append((other, reach))
                for deployment_id in reach.only or ():
                    self.by_deployment.setdefault(deployment_id, []).append((other, reach))


def runs_of(document: AutomationDocument) -> list[RunAction]:
    """Path and deployment of every run that a firing starts; None is the event's deployment."""
    return [
        (place, action.deployment_id)
        for place, action in document.placed_actions
        if place[0] in FIRED_LISTS and isinstance(action, RunDeployment)
    ]
