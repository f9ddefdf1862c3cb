"""Changing runs other than by their state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from project.lib.problems import Invalid
from runs_app.domain.variables import variable_problems
from runs_app.models import FlowRun

_EMPTY: dict[str, Any] = {"parameters": {}, "empirical_policy": {}, "tags": [], "job_variables": {}}


def change_run(run_id: UUID, fields: Mapping[str, Any], *, now: datetime) -> bool:
    """Write the given fields; False when there is no such run. Raises Invalid.

    One query; two where variables are changed that a flint pool refuses.
    """
    problems = variable_problems(fields.get("job_variables"))
    if problems and FlowRun.objects.filter(pk=run_id, work_pool__type="flint").exists():
        raise Invalid(problems)
    values = {n: _EMPTY.get(n) if v is None else v for n, v in fields.items()}
    if values.get("name", "") is None:
        del values["name"]  # a run keeps its name
    return FlowRun.objects.filter(pk=run_id).update(**values, updated=now) == 1


def add_labels(run_id: UUID, labels: Mapping[str, Any], *, now: datetime) -> bool:
    """Add labels to those that the run has; False when there is no such run."""
    with transaction.atomic():
        run = FlowRun.objects.select_for_update().filter(pk=run_id).first()
        if run is None:
            return False
        run.labels = {**run.labels, **labels}
        run.updated = now
        run.save(update_fields=["labels", "updated"])
    return True
