"""What the modules of this package get: a batch of actions with their firings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from triggers_app.engine.templates import Templates
from triggers_app.engine.templates_budget import Budget
from triggers_app.storage.outbox import Claimed, Owner

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One action to do: its document, and the firing it follows from."""

    claimed: Claimed
    action: Document
    owner: Owner

    @property
    def resources(self) -> list[Mapping[str, str]]:
        """The resource of the triggering event, then the related ones."""
        event = self.claimed.event
        return [event["resource"], *(event.get("related") or [])] if event else []

    def inferred(self, kind: str) -> UUID | None:
        """The first involved object of a kind such as `deployment`, by its resource id."""
        prefix = f"prefect.{kind}."
        for resource in self.resources:
            resource_id = resource.get("prefect.resource.id", "")
            if resource_id.startswith(prefix):
                try:
                    return UUID(resource_id.removeprefix(prefix))
                except ValueError:
                    continue
        return None

    def target(self, kind: str) -> UUID | None:
        """The object that the action is about: the selected one, or the inferred one."""
        selected = self.action.get(f"{kind.replace('-', '_')}_id")
        if self.action.get("source", "selected") == "inferred":
            return self.inferred(kind)
        return UUID(selected) if selected else None


@dataclass(frozen=True, slots=True)
class Batch:
    """The actions of one kind in one transaction. `clock` answers monotonic seconds."""

    jobs: Sequence[Job]
    now: datetime
    templates: Templates
    clock: Any
    names: dict[str, frozenset[str]] = field(default_factory=dict)

    def budget(self) -> Budget:
        return Budget(self.clock)
