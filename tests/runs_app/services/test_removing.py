"""What the demo has run goes as a whole."""

from uuid import UUID

import pytest
from django.db import connection

from events_app.domain.event import Event
from runs_app.models import Deployment, Flow, FlowRun, FlowRunInput, TaskRun, TaskRunState, WorkPool
from runs_app.services import removing
from runs_app.services.observing import keep_task_runs
from tests.runs_app.examples import a_deployment, a_run
from tests.runs_app.told_tasks import told

pytestmark = pytest.mark.django_db


def keep(event: Event) -> None:

    keep_task_runs(connection.connection, [event])


def test_a_folders_runs_go_with_all_that_hangs_on_them() -> None:
    run_id = a_run(a_deployment(pool="flint", flow_root="/demo"))
    keep(told("Running", task_run_id=UUID(int=7), flow_run_id=run_id))
    FlowRunInput.objects.create(flow_run_id=run_id, key="k", value="v")
    kept = a_run(a_deployment("other", flow="another"))

    assert removing.remove_deployed_from("/demo", pool="flint") == [run_id]

    assert [run.pk for run in FlowRun.objects.all()] == [kept]
    for gone in (TaskRun, TaskRunState, FlowRunInput, WorkPool):
        assert not gone.objects.exists(), gone
    assert (Flow.objects.count(), Deployment.objects.count()) == (1, 1)


def test_every_table_that_hangs_on_a_run_is_thought_of() -> None:
    hanging = {each.related_model._meta.db_table for each in FlowRun._meta.related_objects}

    statements = " ".join(removing._OF_RUNS)
    assert {table for table in hanging if f"DELETE FROM {table} " not in statements} == set()
