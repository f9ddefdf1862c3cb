"""Task runs out of the events that clients send of them, while these are recorded."""

from collections.abc import Sequence
from typing import Any

import psycopg

from events_app.domain.event import Event
from runs_app.domain.task_run_events import observed
from runs_app.storage import task_run_events


def keep_task_runs(connection: "psycopg.Connection[Any]", events: Sequence[Event]) -> None:
    """Part of the recorder's transaction: a task run is there as soon as its event is.

    Nothing is asked of the database when no event is about a task run.
    """
    sightings = [seen for seen in map(observed, events) if seen is not None]
    task_run_events.store(connection, sightings)
