"""What the modules of this package get: a batch of actions with their firings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from events_app.domain.event import event_document
from project.lib.json_documents import Document
from triggers_app.automation.actions import TARGETS
from triggers_app.automation.firing_record import firing_event
from triggers_app.automation.own_events import automation_resource
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import names_in
from triggers_app.automation.templating.templates import Templates
from triggers_app.storage.outbox import Claimed, Owner

# Rendering holds the rows of the batch; what is left by then stays for the next batch.
RENDERING_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """One action to do: its document, and the firing it follows from."""

    claimed: Claimed
    action: Document
    owner: Owner

    @property
    def kind(self) -> str:
        return str(self.action.get("type"))

    @property
    def key(self) -> str:
        """The same however often the action is tried: what it makes is made once."""
        return f"{self.claimed.firing_id}:{self.claimed.index}"

    @cached_property
    def event(self) -> Document | None:
        """What its templates and targets look at.

        For `actions` the triggering event; for `actions_on_trigger` and `actions_on_resolve`
        the event that tells of the firing, with the triggering event in its payload.
        """
        claimed = self.claimed
        if claimed.phase == "actions":
            return claimed.event
        record_event = firing_event(
            firing_id=claimed.firing_id,
            state=claimed.state,
            fired=claimed.fired,
            resource=self.resource(),
            labels=claimed.labels,
            triggering_id=None if claimed.event is None else UUID(claimed.event["id"]),
            event_text=claimed.event_text,
        )
        return event_document(record_event, received=claimed.fired)

    def resource(self, *, of_action: bool = False) -> dict[str, str]:
        """The automation as the resource of an event about the firing or its actions."""
        trigger = self.owner.document.get("trigger") or {}
        return automation_resource(
            self.owner.id,
            self.owner.name,
            kind=trigger.get("type", "event") if of_action else None,
            posture=trigger.get("posture"),
            causes=self.claimed.causes,
        )

    @property
    def resources(self) -> list[Mapping[str, str]]:
        """The resource of the context event, then the related ones."""
        event = self.event
        return [event["resource"], *(event.get("related") or [])] if event else []

    def inferred(self, kind: str) -> UUID | None:
        """The first involved object of a kind such as `deployment`, by its resource id."""
        return first_id(kind, (each.get("prefect.resource.id", "") for each in self.resources))

    def target(self, kind: str) -> UUID | None:
        """The object that the action is about: the selected one, or the inferred one.

        Flow runs are always inferred, first from the key of the firing.
        """
        if kind == "flow-run":
            keyed = self.claimed.labels.get("prefect.resource.id", "")
            return first_id(kind, [keyed]) or self.inferred(kind)
        selected = self.action.get(f"{kind.replace('-', '_')}_id")
        if self.action.get("source", "selected") == "inferred":
            return self.inferred(kind)
        return UUID(selected) if selected else None

    @property
    def target_resource(self) -> str | None:
        """The resource id of the target; None where there is none."""
        kind = TARGETS.get(self.kind)
        target = None if kind is None else self.target(kind)
        return None if target is None else f"prefect.{kind}.{target}"


def first_id(kind: str, resource_ids: Iterable[str]) -> UUID | None:
    """The first id of a kind such as `deployment` among ids of resources."""
    prefix = f"prefect.{kind}."
    for resource_id in resource_ids:
        if resource_id.startswith(prefix):
            try:
                return UUID(resource_id.removeprefix(prefix))
            except ValueError:
                continue
    return None


@dataclass(frozen=True, slots=True)
class Batch:
    """The actions of one kind in one transaction. `clock` answers monotonic seconds.

    `last` is what is left to write just before the commit.
    """

    jobs: Sequence[Job]
    now: datetime
    templates: Templates
    clock: Any
    last: list[Callable[[], None]] = field(default_factory=list)

    def budget(self) -> Budget:
        return Budget(self.clock)

    def names_in_time(self, parameters: Sequence[Any]) -> list[frozenset[str]]:
        """The variables that the templates of each job's parameters look for.

        To compile them takes time: what is missing at the end is for the next batch.
        """
        ends = self.clock() + RENDERING_SECONDS
        names: list[frozenset[str]] = []
        for each in parameters:
            if names and self.clock() > ends:
                break
            names.append(names_in(each, templates=self.templates, budget=self.budget()))
        return names
