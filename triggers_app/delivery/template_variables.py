"""The variables of templates: the firing and its event, and the objects that they involve.

Objects are read only when a template of the batch names them, all of one kind in one query.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from runs_app.models import Flow, FlowRun
from runs_app.services import deployments
from runs_app.services.documents import flow_document, flow_run_document
from triggers_app.delivery.batch import Document, Job
from triggers_app.engine.templates_views import EventView, LabelsView


class Variables:
    """The variables of every job of a batch."""

    def __init__(self, jobs: Sequence[Job], names: Collection[str], *, now: datetime) -> None:
        self._names = frozenset(names)
        self._objects: dict[str, Mapping[UUID, Document]] = {}
        for kind, read in _READERS.items():
            name = kind.replace("-", "_")
            if name in self._names:
                ids = {found for job in jobs if (found := job.inferred(kind))}
                self._objects[name] = read(ids, now) if ids else {}

    def of(self, job: Job) -> dict[str, Any]:
        """What the templates of one action may name."""
        claimed = job.claimed
        event = EventView(claimed.event) if claimed.event else None
        firing = {
            "id": str(claimed.firing_id),
            "trigger_id": str(claimed.trigger_id),
            "trigger": job.owner.document.get("trigger"),
            "trigger_states": ["Triggered"],
            "triggered": claimed.fired,
            "triggering_labels": LabelsView(claimed.labels),
            "triggering_event": event,
            "triggering_value": None,
        }
        variables: dict[str, Any] = {
            "automation": job.owner.document,
            "event": event,
            "events": [event] if event else [],
            "firing": firing,
            "firings": [firing],
            "labels": LabelsView(claimed.labels),
            "variables": {},
        }
        for kind in _KINDS:
            name = kind.replace("-", "_")
            if name in self._names:
                variables[name] = self._object(name, job.inferred(kind), job)
        return variables

    def _object(self, name: str, found: UUID | None, job: Job) -> Document | None:
        document = self._objects.get(name, {}).get(found) if found else None
        if document is None or name != "flow_run":
            return document
        return document | _state_of(job)


def _state_of(job: Job) -> Document:
    """The run's state as the event tells it: by now the run may have gone on."""
    labels = next(iter(job.resources), {})
    state = {
        key: labels[f"prefect.state-{key}"]
        for key in ("type", "name", "message", "timestamp")
        if f"prefect.state-{key}" in labels
    }
    if "type" not in state:
        return {}
    return {"state": state, "state_type": state["type"], "state_name": state.get("name")}


def _deployments(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    return deployments.documents(ids, now=now)


def _flows(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    return {flow.pk: flow_document(flow) for flow in Flow.objects.filter(pk__in=ids)}


def _flow_runs(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    runs = FlowRun.objects.filter(pk__in=ids).select_related("work_pool")
    return {run.pk: flow_run_document(run, None, now=now) for run in runs}


_READERS: dict[str, Callable[[Collection[UUID], datetime], Mapping[UUID, Document]]] = {
    "deployment": _deployments,
    "flow": _flows,
    "flow-run": _flow_runs,
}
_KINDS = (*_READERS, "task-run", "work-pool", "work-queue", "concurrency-limit")
