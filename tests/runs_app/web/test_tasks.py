"""The tasks of a run on its page."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from runs_app.models import FlowRun, TaskRun
from runs_app.reads import task_runs
from tests.web import scene

pytestmark = pytest.mark.django_db


def task(run: FlowRun, name: str, *, start: float | None, took: float | None = None) -> TaskRun:
    begun = None if start is None else scene.NOW + timedelta(seconds=start)
    ended = None if begun is None or took is None else begun + timedelta(seconds=took)
    fields: dict[str, Any] = {"start_time": begun, "end_time": ended}
    word = "Pending" if begun is None else "Running" if ended is None else "Completed"
    return TaskRun.objects.create(
        id=uuid4(), name=name, flow_run=run, task_key=name, dynamic_key="0",
        state_id=uuid4(), state_type=word.upper(), state_name=word, run_count=1,
        created=scene.NOW, updated=scene.NOW, **fields,
    )  # fmt: skip


def test_tasks_stand_in_the_order_in_which_they_began(viewer: Client) -> None:
    run = scene.run(scene.deployment(), states="SPRC")
    task(run, "load <b>", start=2.0, took=3.5)
    task(run, "extract", start=0.0, took=2.0)
    task(run, "never", start=None)

    html = viewer.get(f"/runs/{run.pk}/tasks/").content.decode()

    places = [html.index(name) for name in ("extract", "load &lt;b&gt;", "never")]
    assert places == sorted(places)
    assert "3 tasks in 5.5 s" in html.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "not started" in html
    assert "every 3s" not in html  # the run has ended, and so has asking


def test_bars_are_seconds_after_the_first_task(db: None) -> None:
    run = scene.run(scene.deployment(), states="SPR")
    task(run, "extract", start=10.0, took=2.0)
    task(run, "load", start=11.0)

    found = task_runs.timeline(run.pk, now=scene.NOW + timedelta(seconds=15))

    assert [(bar.start, bar.length) for bar in found.bars] == [(0.0, 2.0), (1.0, 4.0)]
    assert (found.total_seconds, found.more) == (5.0, False)


def test_a_run_without_tasks_says_so_and_a_live_one_asks_again(viewer: Client) -> None:
    run = scene.run(scene.deployment(), states="SPR")

    html = viewer.get(f"/runs/{run.pk}/tasks/").content.decode()

    assert "This run has called no tasks." in html
    assert 'hx-trigger="every 3s"' in html


def test_only_so_many_are_listed(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_runs, "MOST_TASKS", 2)
    run = scene.run(scene.deployment(), states="SPRC")
    for number in range(3):
        task(run, f"step-{number}", start=number, took=1)

    html = viewer.get(f"/runs/{run.pk}/tasks/").content.decode()

    assert ("step-1" in html, "step-2" in html, "the first ones" in html) == (True, False, True)


def test_the_page_of_a_run_shows_its_tasks_at_once(viewer: Client) -> None:
    run = scene.run(scene.deployment(), states="SPRC")
    task(run, "extract", start=0.0, took=2.0)

    html = viewer.get(f"/runs/{run.pk}/").content.decode()

    assert 'id="tasks"' in html and "extract" in html


def test_what_is_seen_is_not_sent_again(viewer: Client) -> None:
    run = scene.run(scene.deployment(), states="SPR")
    task(run, "extract", start=0.0)
    html = viewer.get(f"/runs/{run.pk}/").content.decode()
    address = html.split('id="tasks"')[1].split('hx-get="')[1].split('"')[0]

    assert viewer.get(address, headers={"HX-Request": "true"}).status_code == 204
