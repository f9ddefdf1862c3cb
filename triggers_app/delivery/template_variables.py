"""The variables of templates: the firing and its event, and the objects that they involve.

Objects are read only when a template of the batch names them, all of one kind in one query. Of
a composite's firing they are the first of the kind in the last event, then in the events of the
other parts, the newest first (docs/semantics.md, row 21).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from project.lib.json_documents import Document
from runs_app.models import Flow, FlowRun, TaskRun, WorkPool, WorkQueue
from runs_app.reads import deployments as deployment_reads
from runs_app.reads import task_runs as task_run_reads
from runs_app.reads import work_queues as queue_reads
from runs_app.reads.documents import flow_document, flow_run_document, work_pool_document
from runs_app.reads.variables import values as variable_values
from triggers_app.automation.templating.links import LinkedDocument
from triggers_app.automation.templating.views import RESOURCE_NAME, EventView, LabelsView
from triggers_app.delivery.batch import Job, first_id

Labels = Mapping[str, str]


class Variables:
    """The variables of every job of a batch."""

    def __init__(self, jobs: Sequence[Job], names: Collection[str], *, now: datetime) -> None:
        self._names = frozenset(names)
        self._values = variable_values() if "variables" in self._names else {}
        self._objects: dict[str, Mapping[UUID, Document]] = {}
        for kind, read in _READERS.items():
            name = kind.replace("-", "_")
            if name in self._names:
                ids = {id_and_labels[0] for job in jobs if (id_and_labels := _involved(job, kind))}
                self._objects[name] = read(ids, now) if ids else {}

    def of(self, job: Job) -> dict[str, Any]:
        """What the templates of one action may name."""
        event = EventView(job.event) if job.event else None
        firing = _firing(job)
        variables: dict[str, Any] = {
            "automation": LinkedDocument(
                "automation", {"id": str(job.owner.id), **job.owner.document}
            ),
            "event": event,
            "events": [],
            "firing": firing,
            "firings": [],
            "labels": LabelsView(job.claimed.labels),
            "variables": self._values,
        }
        if "events" in self._names or "firings" in self._names:
            # The whole first, then its parts, each followed by its own.
            firings = [firing, *_below(job)]
            events = (each["triggering_event"] for each in firings)
            variables["firings"] = firings
            variables["events"] = [each for each in events if each is not None]
        for kind in _KINDS:
            name = kind.replace("-", "_")
            if name in self._names:
                document = self._object(name, _involved(job, kind))
                variables[name] = document and LinkedDocument(kind, document)
        return variables

    def _object(self, name: str, event_object: tuple[UUID, Labels] | None) -> Document | None:
        document = (
            None if event_object is None else self._objects.get(name, {}).get(event_object[0])
        )
        if event_object is None or name not in _RUNS:
            return document
        if document is None and name == "flow_run":
            return None
        # What is told of a task run is recorded later than automations look at it.
        name_label = {"name": event_object[1].get(RESOURCE_NAME)}
        return {
            "id": event_object[0],
            **name_label,
            **(document or {}),
            **_state_of(event_object[1]),
        }


def _involved(job: Job, kind: str) -> tuple[UUID, Labels] | None:
    """The id of the object, and the labels with which the event names it."""
    for event in _events(job):
        for resource in (event["resource"], *(event.get("related") or ())):
            object_id = first_id(kind, [resource.get("prefect.resource.id", "")])
            if object_id is not None:
                return object_id, resource
    return None


def _events(job: Job) -> Iterator[Document]:
    if job.event:
        yield job.event
    if job.claimed.children == "[]":
        return
    if job.claimed.phase != "actions" and job.claimed.event:
        yield job.claimed.event
    parts = [each for child in msgspec.json.decode(job.claimed.children) for each in _flat(child)]
    events = [each["triggering_event"] for each in parts if each["triggering_event"]]
    yield from sorted(events, key=_received, reverse=True)


def _received(event: Document) -> datetime:
    return datetime.fromisoformat(event.get("received") or event["occurred"])


def _firing(job: Job) -> Document:
    claimed = job.claimed
    triggering = claimed.event if claimed.phase != "actions" else job.event
    return {
        "id": str(claimed.firing_id),
        "trigger_id": str(claimed.trigger_id),
        "trigger": job.owner.document.get("trigger"),
        "trigger_states": [claimed.state],
        "triggered": claimed.fired,
        "triggering_labels": LabelsView(claimed.labels),
        "triggering_event": EventView(triggering) if triggering else None,
        "triggering_value": None,
    }


def _below(job: Job) -> list[Document]:
    """The firings of a composite's children, in the order in which they are stored."""
    triggers = {each.get("id"): each for each in _walk(job.owner.document.get("trigger") or {})}
    children = msgspec.json.decode(job.claimed.children)
    return [_child(each, triggers) for child in children for each in _flat(child)]


def _child(child: Document, triggers: Mapping[str | None, Document]) -> Document:
    event = child["triggering_event"]
    return {
        "id": child["id"],
        "trigger_id": child["trigger_id"],
        "trigger": triggers.get(child["trigger_id"]),
        "trigger_states": ["Triggered"],
        "triggered": datetime.fromisoformat(child["fired"]),
        "triggering_labels": LabelsView(child["labels"]),
        "triggering_event": EventView(event) if event else None,
        "triggering_value": None,
    }


def _flat(child: Document) -> Iterator[Document]:
    yield child
    for each in child.get("children") or ():
        yield from _flat(each)


def _walk(trigger: Document) -> Iterator[Document]:
    yield trigger
    for each in trigger.get("triggers") or ():
        yield from _walk(each)


def _state_of(labels: Labels) -> Document:
    """The run's state as the event tells it: by now the run may have gone on."""
    state = {
        key: labels[f"prefect.state-{key}"]
        for key in ("type", "name", "message", "timestamp")
        if f"prefect.state-{key}" in labels
    }
    if "type" not in state:
        return {}
    return {"state": state, "state_type": state["type"], "state_name": state.get("name")}


def _deployments(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    return deployment_reads.documents_by_id(ids, now=now)


def _flows(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    return {flow.pk: flow_document(flow) for flow in Flow.objects.filter(pk__in=ids)}


def _flow_runs(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    runs = FlowRun.objects.filter(pk__in=ids).select_related("work_pool")
    return {run.pk: flow_run_document(run, None, now=now) for run in runs}


def _work_pools(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    return {pool.pk: work_pool_document(pool) for pool in WorkPool.objects.filter(pk__in=ids)}


def _task_runs(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    runs = task_run_reads.documents_of(TaskRun.objects.filter(pk__in=ids), now=now)
    return {run["id"]: run for run in runs}


def _work_queues(ids: Collection[UUID], now: datetime) -> Mapping[UUID, Document]:
    queues = list(WorkQueue.objects.filter(pk__in=ids).select_related("work_pool"))
    return {queue["id"]: queue for queue in queue_reads.documents_of(queues, now=now)}


_RUNS = ("flow_run", "task_run")
_READERS: dict[str, Callable[[Collection[UUID], datetime], Mapping[UUID, Document]]] = {
    "deployment": _deployments,
    "flow": _flows,
    "flow-run": _flow_runs,
    "task-run": _task_runs,
    "work-pool": _work_pools,
    "work-queue": _work_queues,
}
_KINDS = (*_READERS, "concurrency-limit")
