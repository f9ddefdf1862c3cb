"""Addresses that Prefect's client prints lead to Flint's pages."""

from uuid import uuid4

import pytest
from django.test import Client

from runs_app.models import TaskRun, WorkPool, WorkQueue
from tests.web import scene


def test_links_lead_to_the_pages_of_objects(viewer: Client) -> None:
    run = scene.run(scene.deployment())
    task = TaskRun.objects.create(
        id=uuid4(), name="t", flow_run=run, task_key="t", dynamic_key="0",
        created=scene.NOW, updated=scene.NOW,
    )  # fmt: skip
    pool = WorkPool.objects.create(name="far away", type="process")
    queue = WorkQueue.objects.create(work_pool=pool, name="fast", priority=1)
    links = {
        "/work-pools/work-pool/far%20away": f"/work-pools/{pool.pk}/",
        f"/work-pools/work-pool/{pool.pk}": f"/work-pools/{pool.pk}/",
        f"/work-queues/work-queue/{queue.pk}": f"/work-pools/{pool.pk}/",
        f"/artifacts/artifact/{run.pk}": f"/artifacts/{run.pk}/",
        f"/runs/flow-run/{run.pk}": f"/runs/{run.pk}/",
        f"/runs/task-run/{task.pk}": f"/runs/{run.pk}/",
        f"/deployments/deployment/{run.deployment_id}": f"/deployments/{run.deployment_id}/",
        f"/automations/automation/{run.pk}": f"/automations/{run.pk}/",
        f"/events/event/2026-11-22/{run.pk}": f"/events/{run.pk}/",
        f"/flows/flow/{run.flow_id}": f"/runs/?q={run.flow.name}",
        f"/blocks/block/{run.pk}": f"/blocks/{run.pk}/",
        "/blocks/catalog": "/blocks/",
        "/blocks/catalog/secret": "/blocks/new/secret/",
        "/blocks/catalog/secret/create": "/blocks/new/secret/",
    }

    found = {link: viewer.get(link).headers.get("Location") for link in links}

    assert found == links


@pytest.mark.parametrize(
    "path", ["runs/task-run", "flows/flow", "work-queues/work-queue", "work-pools/work-pool"]
)
def test_what_is_gone_is_not_found(viewer: Client, path: str) -> None:
    assert viewer.get(f"/{path}/{uuid4()}").status_code == 404
