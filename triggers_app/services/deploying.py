"""Deploying from a prefect.yaml: read and check everything, then write it in one transaction."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from events_app.domain.position import StreamId
from project.lib.problems import Invalid, Loc, Problem
from runs_app.services import deployments, schedules
from triggers_app.automation.deployment_triggers import parse_deployment_triggers
from triggers_app.automation.document import AutomationDocument, meaning_key
from triggers_app.automation.formats.automation_list import is_file_of_automations
from triggers_app.automation.formats.prefect_yaml.read import PrefectFile, prefect_file
from triggers_app.automation.formats.yaml.source import InvalidSource, Located, read_yaml
from triggers_app.models import Automation
from triggers_app.services import authoring, cycle_guard, deploying_automations, save_warnings
from triggers_app.services.deploy_plans import DeployPlan, plans, text_of
from triggers_app.services.deploy_report import Report
from triggers_app.services.soundness import require_sound
from triggers_app.storage import automations as storage

DEFAULT_POOL = "default"


# What a trigger of the file says, and the automation that it has become.
Deployed = tuple[AutomationDocument, Automation]


@dataclass(slots=True)
class _Rows:
    """The automations of one deploy, locked and as they are to be saved."""

    new: list[Automation] = field(default_factory=list)
    changed: list[Automation] = field(default_factory=list)
    unchanged: list[Automation] = field(default_factory=list)
    deployed: list[Deployed] = field(default_factory=list)

    def add(self, automation: AutomationDocument, row: Automation | None) -> str:
        """What becomes of it: created, changed, unchanged. Raises Invalid."""
        if row is None:
            row, verb = authoring.new_row(automation), "created"
            self.new.append(row)
        elif authoring.revise_posted(row, automation):
            verb = "changed"
            self.changed.append(row)
        else:
            verb = "unchanged"
            self.unchanged.append(row)
        self.deployed.append((automation, row))
        return verb


def deploy(
    path: Path,
    *,
    names: Set[str] | None,
    trigger_options: Sequence[str] = (),
    environment: Mapping[str, str],
    author: str,
    now: datetime,
) -> Report:
    """Deploy the named deployments of a prefect.yaml, all of them with None; or the named
    automations of Prefect's file of automations.

    Raises InvalidSource with every problem; then nothing was written.
    """
    source = read_yaml(text_of(path), name=str(path))
    if is_file_of_automations(source.value):
        return deploying_automations.deploy(
            source, names=names, trigger_options=trigger_options, author=author, now=now
        )
    file = prefect_file(source, environment=environment)
    report = Report(notes=list(file.notes))
    root = path.resolve().parent
    planned = plans(file, root, names, trigger_options, report.notes, environment)
    effective_after = authoring.point_in_log()
    with transaction.atomic():
        cycle_guard.lock()
        saved = _write(planned, file, root, report, effective_after, author=author, now=now)
    for automation, row in saved:
        warnings = save_warnings.of_switch(automation, row)
        report.warnings += [f"automation `{row.name}`: {warning}" for warning in warnings]
    return report


def _write(
    planned: Sequence[DeployPlan],
    file: PrefectFile,
    root: Path,
    report: Report,
    effective_after: StreamId,
    *,
    author: str,
    now: datetime,
) -> list[Deployed]:
    problems: list[Located] = []
    rows = _Rows()
    for plan in planned:
        deployment_id = _write_deployment(plan, file, root, report, problems, now=now)
        if deployment_id is not None:
            _sync(plan, deployment_id, report, problems, rows, now=now)
    if problems:
        raise InvalidSource(problems)  # rolls back what was written
    authoring.save_deployed(rows.new, rows.changed, effective_after, author=author, now=now)
    storage.note_switches(rows.unchanged)
    return rows.deployed


def _write_deployment(
    plan: DeployPlan,
    file: PrefectFile,
    root: Path,
    report: Report,
    problems: list[Located],
    *,
    now: datetime,
) -> UUID | None:
    flow, flow_created = deployments.ensure_flow(plan.flow_name, now=now)
    if flow_created:
        report.add("created", "flow", plan.flow_name)
    pool_name = plan.deployment.work_pool and plan.deployment.work_pool.name
    pool, pool_created = deployments.ensure_pool(pool_name or DEFAULT_POOL, now=now)
    if pool_created:
        report.add("created", "work pool", pool.name, "type flint: Flint executes its runs itself")
    try:
        made = deployments.upsert(
            flow_id=flow.pk,
            name=plan.deployment.name,
            fields={**_fields(plan, file, root), "work_pool_name": pool.name},
            flow_root=str(root),
            now=now,
        )
    except Invalid as error:
        problems += file.source.located(
            [each.at((*plan.loc, *_as_written(each.loc, plan))) for each in error.problems]
        )
        return None
    except (deployments.UnfitParameters, schedules.UnfitSchedule, schedules.TakenSlug) as error:
        unfit = isinstance(error, deployments.UnfitParameters)
        problem = Problem((*plan.loc, "parameters" if unfit else "schedules"), str(error))
        problems += file.source.located([problem])
        return None
    verb = "created" if made.created else "changed" if made.changed else "unchanged"
    detail = "" if made.created else ", ".join(made.changed)
    report.add(verb, "deployment", plan.name, detail)
    return made.deployment_id


def _as_written(loc: Loc, plan: DeployPlan) -> Loc:
    """Where a prefect.yaml has what the API calls `job_variables`, or the timing of a schedule."""
    if loc[:1] == ("schedules",) and loc[2:3] == ("schedule",):
        whole = ("schedule",) if plan.deployment.schedules is None else loc[:2]
        return (*whole, *loc[3:])
    return ("work_pool", *loc) if loc[:1] == ("job_variables",) else loc


def _fields(plan: DeployPlan, file: PrefectFile, root: Path) -> dict[str, Any]:
    deployment = plan.deployment
    pool, limit = deployment.work_pool, deployment.concurrency_limit
    into_folder = {"prefect.deployments.steps.set_working_directory": {"directory": str(root)}}
    fields = {
        "entrypoint": deployment.entrypoint,
        "parameter_openapi_schema": plan.signature.schema,
        "parameters": deployment.parameters or {},
        "description": deployment.description or plan.signature.description,
        "version": deployment.version,
        "tags": deployment.tags or [],
        "enforce_parameter_schema": deployment.enforce_parameter_schema,
        "concurrency_limit": limit.limit if limit else None,
        "concurrency_options": limit.options if limit else None,
        "pull_steps": deployment.pull or file.pull or [into_folder],
        "work_queue_name": pool.work_queue_name if pool else None,
        "job_variables": (pool.job_variables if pool else None) or {},
        "schedules": [schedules.written(each) for each in deployment.all_schedules],
    }
    if deployment.paused is not None:
        fields["paused"] = deployment.paused
    return fields


def _sync(
    plan: DeployPlan,
    deployment_id: UUID,
    report: Report,
    problems: list[Located],
    rows: _Rows,
    *,
    now: datetime,
) -> None:
    """Make the automations that the deployment owns be those of its triggers."""
    automations = parse_deployment_triggers(
        plan.triggers, deployment_name=plan.deployment.name, deployment_id=deployment_id
    )
    owned = storage.locked_owned_by(f"prefect.deployment.{deployment_id}")
    before = _Predecessors(owned, automations)
    for index, automation in enumerate(automations):
        row = before.take(automation)
        try:
            require_sound(automation)
            verb = rows.add(automation, row)
        except Invalid as error:
            loc = (*plan.triggers_loc, index)
            problems += plan.triggers_source.located(
                [each.at((*loc, *each.loc[2:])) for each in error.problems]
            )
            continue
        report.add(verb, "automation", automation.name)
    for row in before.left:
        authoring.mark_deleted(row, now=now)
        rows.changed.append(row)
        report.add("removed", "automation", row.name)


class _Predecessors:
    """The automations of a deployment, each to be found once: by its name; else one that lost
    its name and has an equal trigger."""

    def __init__(
        self, rows: Sequence[Automation], automations: Sequence[AutomationDocument]
    ) -> None:
        self.left = list(rows)
        self._named = _by(self.left, lambda row: row.name)
        kept = {each.name for each in automations}
        nameless = [row for row in self.left if row.name not in kept]
        self._alike = _by(nameless, lambda row: row.trigger_meaning or "")

    def take(self, automation: AutomationDocument) -> Automation | None:
        named = self._named.get(automation.name)
        candidates = named or self._alike.get(meaning_key(automation.trigger))
        if not candidates:
            return None
        row = candidates.pop(0)
        self.left.remove(row)
        return row


def _by(
    rows: Sequence[Automation], key: Callable[[Automation], str]
) -> dict[str, list[Automation]]:
    by_key: dict[str, list[Automation]] = {}
    for row in rows:
        by_key.setdefault(key(row), []).append(row)
    return by_key
