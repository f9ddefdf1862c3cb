"""Work pools on their pages."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from project.lib.clock import utcnow
from runs_app.models import Deployment, FlowRun, Worker, WorkPool, WorkQueue
from runs_app.services import pools, queues, workers
from tests.runs_app.examples import a_deployment, a_run

HTMX = {"HX-Request": "true"}


@pytest.fixture
def pool(db: None) -> WorkPool:
    """Two places; one run that is late, one that waits, one under way."""
    pools.create("shop", {"type": "process", "concurrency_limit": 2}, now=utcnow())
    deployment = a_deployment(work_pool_name="shop")
    past = utcnow() - timedelta(minutes=5)
    for name, kind in (("Late", "SCHEDULED"), ("Scheduled", "SCHEDULED"), ("Running", "RUNNING")):
        run_id = a_run(deployment)
        FlowRun.objects.filter(pk=run_id).update(
            state_type=kind, state_name=name, next_scheduled_start_time=past
        )
    return WorkPool.objects.get(name="shop")


def test_the_list_tells_how_much_waits(viewer: Client, pool: WorkPool) -> None:
    workers.heartbeat("shop", "w1", 30, now=utcnow())

    html = viewer.get("/work-pools/").content.decode()

    for text in ("shop", "Ready", "1 online", "1 of 2", "1 late"):
        assert text in html
    assert "/work-pools/create/" not in html  # a viewer changes nothing


def test_a_pool_shows_its_queues_and_workers(viewer: Client, pool: WorkPool) -> None:
    workers.heartbeat("shop", "anna-1", 15, now=utcnow())

    html = viewer.get(f"/work-pools/{pool.pk}/").content.decode()

    for text in ("default", "anna-1", "Online", "every 15 s", "1 late"):
        assert text in html
    assert "prefect worker start" not in html


def test_without_a_worker_it_says_how_to_start_one(viewer: Client, pool: WorkPool) -> None:
    html = viewer.get(f"/work-pools/{pool.pk}/").content.decode()

    assert "prefect worker start --pool shop" in html and "Not ready" in html


def test_what_lives_is_asked_for_again_and_answered_when_it_changed(
    viewer: Client, pool: WorkPool
) -> None:
    address = f"/work-pools/{pool.pk}/life/"
    html = viewer.get(address, headers=HTMX).content.decode()
    again = html.partition("?seen=")[2].partition('"')[0]

    assert viewer.get(f"{address}?seen={again}", headers=HTMX).status_code == 204
    workers.heartbeat("shop", "w1", 30, now=utcnow())
    assert viewer.get(f"{address}?seen={again}", headers=HTMX).status_code == 200


def test_the_pages_cost_the_same_however_many_pools(viewer: Client, pool: WorkPool) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            viewer.get(path)
        return len(captured)

    paths = ("/work-pools/", f"/work-pools/{pool.pk}/")
    few = [cost(path) for path in paths]
    for number in range(5):
        pools.create(f"p{number}", {}, now=utcnow())
        queues.create("shop", f"q{number}", {}, now=utcnow())

    assert [cost(path) for path in paths] == few
    assert max(few) <= 10


def test_an_editor_makes_changes_pauses_and_deletes_a_pool(editor: Client) -> None:
    body = {"name": "new", "type": "process", "concurrency_limit": "", "description": "x"}
    assert (
        b"Work pool new created." in editor.post("/work-pools/create/", body, headers=HTMX).content
    )
    pool = WorkPool.objects.get(name="new")

    address = f"/work-pools/{pool.pk}"
    editor.post(f"{address}/change/", {"concurrency_limit": "0", "description": ""})
    editor.post(f"{address}/pause/", {"paused": "true"})

    pool.refresh_from_db()
    assert (pool.concurrency_limit, pool.description, pool.is_paused) == (0, None, True)
    assert editor.post(f"{address}/delete/").status_code == 302
    assert editor.post(f"{address}/delete/").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "shop", "type": "process"},
        {"name": "a/b", "type": "process"},
        {"name": "x", "type": "docker"},
        {"name": "x", "type": "process", "concurrency_limit": "-1"},
    ],
)
def test_a_pool_that_cannot_be_is_refused(editor: Client, pool: WorkPool, body: Any) -> None:
    before = WorkPool.objects.count()

    answer = editor.post("/work-pools/create/", body, headers=HTMX)

    assert answer.status_code == 422 and b"problem" in answer.content
    assert WorkPool.objects.count() == before


def test_a_queue_is_made_changed_paused_and_deleted(editor: Client, pool: WorkPool) -> None:
    for limit in ("", "3"):
        body = {"name": "fast", "priority": "1", "concurrency_limit": limit}
        editor.post(f"/work-pools/{pool.pk}/queues/put/", body)
    queue = WorkQueue.objects.get(name="fast")
    assert (queue.priority, queue.concurrency_limit) == (1, 3)

    address = f"/work-pools/{pool.pk}/queues/{queue.pk}"
    html = editor.post(f"{address}/pause/", {"paused": "true"}, headers=HTMX).content
    assert b"Queue paused." in html and b"Resume" in html
    assert editor.post(f"{address}/delete/", headers=HTMX).status_code == 200
    assert not WorkQueue.objects.filter(name="fast").exists()


def test_the_default_queue_stays(editor: Client, pool: WorkPool) -> None:
    default = WorkQueue.objects.get(work_pool=pool, name="default")

    answer = editor.post(f"/work-pools/{pool.pk}/queues/{default.pk}/delete/")

    assert answer.status_code == 404 and Deployment.objects.filter(work_queue=default).exists()


def test_what_is_not_there_is_missing_and_viewers_change_nothing(
    viewer: Client, editor: Client, pool: WorkPool
) -> None:
    for path in ("change", "pause", "delete", "queues/put"):
        assert editor.post(f"/work-pools/{uuid4()}/{path}/", {"limit": ""}).status_code == 404
        assert viewer.post(f"/work-pools/{pool.pk}/{path}/").status_code == 403
    assert viewer.get(f"/work-pools/{uuid4()}/").status_code == 404
    assert not Worker.objects.exists()
