"""Copying what a Prefect server holds: flows, pools, deployments, variables, limits, automations.

What is here already is recognized by its name and made to say what the server says, so that a
second copy changes nothing. Ids of deployments and automations are kept where they are free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from runs_app.models import ConcurrencyLimit, Deployment, Variable
from runs_app.reads import work_pools, work_queues
from runs_app.services import concurrency, deployments, pools, queues, schedules, variables
from triggers_app.delivery.prefect_server import PrefectServer
from triggers_app.models import BlockDocument
from triggers_app.services.deploy_report import Report
from triggers_app.services.importing_automations import import_automations

_POOL = ("description", "is_paused", "base_job_template", "concurrency_limit")
_QUEUE = ("description", "is_paused", "concurrency_limit", "priority")
_LIMIT = ("limit", "slot_decay_per_second", "active")
_SCHEDULE = ("schedule", "active", "max_scheduled_runs", "parameters", "slug")
_HISTORY = "runs, their logs, artifacts and events stay where they are"
_REFUSED = (
    Invalid,
    deployments.MissingPool,
    deployments.UnfitParameters,
    schedules.UnfitSchedule,
    schedules.TakenSlug,
)


@dataclass(slots=True)
class Copying:
    """`ids` lead from the server's objects to those here; `inactive`: what is new comes paused."""

    server: PrefectServer
    now: datetime
    inactive: bool = False
    report: Report = field(default_factory=Report)
    ids: dict[str, str] = field(default_factory=dict)

    def leave(self, kind: str, name: str, why: str) -> None:
        self.report.notes.append(f"{kind} `{name}` is not carried over: {why}")


def import_prefect(
    server: PrefectServer, *, author: str, now: datetime, inactive: bool = False
) -> Report:
    """The report says what was made, changed, and left. Raises UnreadableServer."""
    copying = Copying(server, now, inactive)
    version = server.version()
    flows = _import_flows(copying)
    _import_pools(copying)
    _import_variables(copying)
    _import_limits(copying)
    names = _import_deployments(copying, flows)
    _note_blocks(copying)
    import_automations(
        server.all("/automations/filter"),
        ids=copying.ids,
        deployments=names,
        report=copying.report,
        author=author,
        now=now,
        inactive=inactive,
    )
    copying.report.notes.append(f"read from Prefect {version}; {_HISTORY}.")
    return copying.report


def _import_flows(copying: Copying) -> dict[str, str]:
    """Names by the server's ids."""
    names = {}
    for each in copying.server.all("/flows/filter"):
        labels = each.get("labels") or {}
        flow, new = deployments.ensure_flow(
            each["name"], now=copying.now, tags=each["tags"], labels=labels
        )
        copying.ids[each["id"]] = str(flow.pk)
        names[each["id"]] = flow.name
        copying.report.add("created" if new else "unchanged", "flow", flow.name)
    return names


def _import_pools(copying: Copying) -> None:
    for each in list(copying.server.all("/work_pools/filter")):
        name, kind = each["name"], each["type"]
        there = work_pools.document(name)
        fields = {key: each[key] for key in _POOL}
        verb = _verb(there, fields)
        try:
            if there is None:
                there = pools.create(name, {**fields, "type": kind}, now=copying.now)
            elif there["type"] != kind:
                why = f"here is a pool of that name and of type {there['type']}, not {kind}."
                copying.leave("work pool", name, why)
                verb = "left"
            elif verb == "changed":
                pools.change(name, fields, now=copying.now)
        except Invalid as error:
            copying.leave("work pool", name, str(error))
            continue
        copying.ids[each["id"]] = str((there or {})["id"])
        if verb != "left":
            copying.report.add(verb, "work pool", name)
            _import_queues(copying, name)


def _import_queues(copying: Copying, pool: str) -> None:
    for each in list(copying.server.all(f"/work_pools/{pool}/queues/filter")):
        name = each["name"]
        # What nobody has said is null here, and an empty text there.
        fields = {key: None if each[key] == "" else each[key] for key in _QUEUE}
        queue = work_queues.named(pool, name)
        verb = _verb(
            None if queue is None else {key: getattr(queue, key) for key in fields}, fields
        )
        if queue is None:
            queues.create(pool, name, fields, now=copying.now)
            queue = work_queues.named(pool, name)
        elif verb == "changed":
            queues.change(queue.pk, fields, now=copying.now)
        if queue is not None:
            copying.ids[each["id"]] = str(queue.pk)
        copying.report.add(verb, "work queue", f"{pool}/{name}")


def _import_variables(copying: Copying) -> None:
    for each in copying.server.all("/variables/filter"):
        name, value, tags = each["name"], each["value"], each["tags"]
        there = Variable.objects.filter(name=name).values("value", "tags").first()
        verb = _verb(there, {"value": value, "tags": tags})
        if verb != "unchanged":
            variables.put(name, value, tags)
        copying.report.add(verb, "variable", name)


def _import_limits(copying: Copying) -> None:
    """Those of deployments come with their deployments. Older servers keep those of tags apart."""
    limits: dict[str, Document] = {}
    for each in copying.server.all("/concurrency_limits/filter"):
        limits[f"tag:{each['tag']}"] = {"limit": each["concurrency_limit"]}
    for each in copying.server.all("/v2/concurrency_limits/filter"):
        if not each["name"].startswith("deployment:"):
            limits[each["name"]] = {key: each[key] for key in _LIMIT}
    for name, fields in sorted(limits.items()):
        there = ConcurrencyLimit.objects.filter(name=name).values(*fields).first()
        verb = _verb(there, fields)
        if verb == "created":
            concurrency.create({**fields, "name": name}, now=copying.now)
        elif verb == "changed":
            concurrency.change(name, fields, now=copying.now)
        copying.report.add(verb, "limit", name)


def _import_deployments(copying: Copying, flows: Mapping[str, str]) -> dict[str, str]:
    """Names by the ids here, for automations that belong to a deployment."""
    names = {}
    for each in list(copying.server.all("/deployments/filter")):
        name = f"{flows.get(each['flow_id'], '?')}/{each['name']}"
        flow_id = copying.ids.get(each["flow_id"])
        if flow_id is None:
            copying.leave("deployment", name, "its flow is gone.")
            continue
        try:
            made = deployments.upsert(
                flow_id=UUID(flow_id),
                name=each["name"],
                fields=_deployment_fields(copying, each, UUID(flow_id)),
                now=copying.now,
                new_id=_free_id(each["id"]),
            )
        except _REFUSED as error:
            copying.leave("deployment", name, str(error))
            continue
        copying.ids[each["id"]] = str(made.deployment_id)
        names[str(made.deployment_id)] = each["name"]
        verb = "created" if made.created else "changed" if made.changed else "unchanged"
        copying.report.add(
            verb, "deployment", name, "" if made.created else ", ".join(made.changed)
        )
        if each.get("storage_document_id") or each.get("infrastructure_document_id"):
            copying.leave("storage or infrastructure of deployment", name, "it is a block.")
    return names


def _deployment_fields(copying: Copying, each: Document, flow_id: UUID) -> Document:
    blocks = {"storage_document_id", "infrastructure_document_id", "labels"}
    fields = {key: each[key] for key in deployments.FIELDS.keys() - blocks if key in each}
    fields["work_pool_name"] = each.get("work_pool_name")
    limit = each.get("global_concurrency_limit")
    fields["concurrency_limit"] = limit["limit"] if limit else each.get("concurrency_limit")
    fields["schedules"] = [
        schedules.DesiredSchedules(**{key: one.get(key) for key in _SCHEDULE})
        for one in each.get("schedules") or []
    ]
    known = Deployment.objects.filter(flow_id=flow_id, name=each["name"])
    if copying.inactive:
        there = known.values_list("paused", flat=True).first()
        fields["paused"] = True if there is None else there
    return fields


def _free_id(there: str) -> UUID | None:
    pk = UUID(there)
    return None if Deployment.objects.filter(pk=pk).exists() else pk


def _note_blocks(copying: Copying) -> None:
    """Their values are secrets, which the server tells to nobody: those here are known by name."""
    for each in copying.server.all("/block_documents/filter"):
        kind, name = (each.get("block_type") or {}).get("slug"), each.get("name")
        here = BlockDocument.objects.filter(block_type__slug=kind, name=name).first()
        if here is not None:
            copying.ids[each["id"]] = str(here.pk)
        elif not each.get("is_anonymous"):
            why = "make one here of that name, and import again."
            copying.leave("block", f"{kind}/{name}", why)


def _verb(there: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> str:
    if there is None:
        return "created"
    same = all(there[key] == value for key, value in fields.items())
    return "unchanged" if same else "changed"
