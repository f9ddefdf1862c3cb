"""Every filter of every list finds its rows by an index, and says which."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.reads import event_counts
from events_app.reads import events as event_reads
from events_app.storage.stored_events import Key
from project.lib.paging import NameKey, TimeKey
from runs_app.reads import artifact_pages, deployments, flow_runs, logs
from tests.web import scene
from triggers_app.reads import automations, versions, windows
from triggers_app.reads import firings as firing_reads
from triggers_app.storage import causal_chain

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ID = UUID("01934567-89ab-7000-8000-000000000000")
PLACE = Key(NOW, Position(1, 0, 0))


def found_events(**filter: Any) -> Callable[[], object]:
    parsed = EventFilter.model_validate(filter)
    return lambda: event_reads.rows_of_page(parsed, limit=51, after=PLACE)


QUESTIONS: dict[str, tuple[Callable[[], object], str]] = {
    "newest events": (lambda: event_reads.newest_rows(limit=12), "_pkey on event_"),
    "events": (found_events(), "occurred"),
    "events of a name": (found_events(event={"name": ["a"]}), "event_occurred"),
    "events of a beginning": (found_events(event={"prefix": ["a"]}), "occurred"),
    "events of a resource": (found_events(resource={"id": ["a"]}), "resource_id_occurred"),
    "events of a time": (found_events(occurred={"since": NOW}), "occurred"),
    "events with a label": (found_events(resource={"labels": {"a": "b"}}), "_related_idx"),
    "events with a label of several values": (
        found_events(resource={"labels": {"a": ["b", "c"], "d": "e*"}}),
        "_related_idx",
    ),
    "events related to something": (
        found_events(related={"id": ["a"], "role": ["tag"]}),
        "_related_idx",
    ),
    "events of any resource": (found_events(any_resource={"id": ["a"]}), "_related_idx"),
    "events with a label that begins": (
        found_events(resource={"labels": {"a": "b*"}}),
        "occurred",
    ),
    "one event": (lambda: event_reads.by_id(ID), "_id_idx"),
    "event counts": (
        lambda: event_counts.received_by_day(
            EventFilter.model_validate({"event": {"name": ["a"]}}), since=NOW.date()
        ),
        "event_count_pkey",
    ),
    "newest runs": (lambda: flow_runs.run_rows(limit=51, before=ID), "flow_run_pkey"),
    "runs in states": (
        lambda: flow_runs.run_rows(limit=51, before=ID, state_types=["FAILED", "CRASHED"]),
        "flow_run_state_type",
    ),
    "runs of deployments": (
        lambda: flow_runs.run_rows(limit=51, before=ID, deployment_ids=[ID, uuid4()]),
        "flow_run_deployment",
    ),
    "last runs": (lambda: flow_runs.last_of_deployments([ID]), "flow_run_deployment"),
    "logs": (
        lambda: logs.log_rows(ID, limit=201, before=logs.LogKey(NOW, 5), text="x"),
        "log_flow_run",
    ),
    "deployments": (
        lambda: deployments.deployment_rows(limit=51, after=NameKey("a", ID)),
        "deployment_name",
    ),
    "newest artifacts": (
        lambda: artifact_pages.page(size=50, after=TimeKey(NOW, ID)),
        "artifact_created",
    ),
    "artifacts of a run": (lambda: artifact_pages.of_run(ID), "artifact_flow_run"),
    "newest firings": (
        lambda: firing_reads.firing_rows(limit=51, before=TimeKey(NOW, ID)),
        "firing_fired",
    ),
    "firings of automations": (
        lambda: firing_reads.firing_rows(limit=51, automation_ids=[ID, uuid4()]),
        "firing_automation",
    ),
    "firings by day": (lambda: firing_reads.count_by_day([ID], since=NOW), "firing_automation"),
    "firings of an event": (
        lambda: firing_reads.decided_by(Position(1, 0, 0), waited=True, limit=50),
        "firing_fired",
    ),
    "firings of an event and its replays": (
        lambda: firing_reads.of_event(ID, Position(1, 0, 0), waited=True),
        "firing_replay_of",
    ),
    "the run before": (lambda: causal_chain.back_from_run(ID, steps=7), "action_run_flow_run"),
    "run's firing": (lambda: firing_reads.of_run(ID), "action_run_flow_run"),
    "refused actions": (lambda: firing_reads.refused_lately(ID), "firing_automation"),
    "windows": (lambda: windows.open_buckets(ID), "bucket_pkey"),
    "versions": (lambda: versions.versions_of(ID), "automation_version"),
    "automations": (
        lambda: automations.list_rows(automations.Narrowing(), limit=51, after=NameKey("a", ID)),
        "automation_name",
    ),
    "automations updated": (
        lambda: automations.list_rows(
            automations.Narrowing(), limit=51, sort="updated", after=TimeKey(NOW, ID)
        ),
        "automation_updated",
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_is_answered_by_an_index(name: str, db: None) -> None:
    ask, index = QUESTIONS[name]
    _empty_tables()
    scene.event()
    with CaptureQueriesContext(connection) as asked:
        ask()

    # Of few rows PostgreSQL reads all, or sorts them; what matters is whether it could do
    # otherwise.
    plans = [_plan(asked.captured_queries[0]["sql"], without) for without in WAYS_OF_FEW_ROWS]

    assert any(index in plan and "Seq Scan" not in plan for plan in plans), plans


def _empty_tables() -> None:
    """Whatever other tests left behind: a table known to be empty is read by any index, and one
    whose file grew by rows that were taken back counts as large."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(oid::regclass::text, ', ') " + TABLES)
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]}")
        cursor.execute(f"DELETE FROM pg_statistic WHERE starelid IN (SELECT oid {TABLES})")


TABLES = "FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
WAYS_OF_FEW_ROWS = (("enable_seqscan",), ("enable_seqscan", "enable_sort"))


def _plan(sql: str, without: Sequence[str]) -> str:
    with connection.cursor() as cursor:
        for way in without:
            cursor.execute(f"SET LOCAL {way} = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())
