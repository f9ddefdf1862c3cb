"""The figures that PostgreSQL has for Prometheus, in five cheap queries."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from events_app.domain.position import StreamId

CAP = 100_000
UNSETTLED = ("pending", "sending", "held")
NOT_ENDED = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
OWN_EVENTS = (
    "prefect.automation.triggered",
    "prefect.automation.resolved",
    "prefect.automation.action.triggered",
    "prefect.automation.action.executed",
    "prefect.automation.action.failed",
    "prefect.flow-run.Completed",
    "prefect.flow-run.Failed",
    "prefect.flow-run.Crashed",
)

# A figure that takes longer is not worth its price.
_PATIENCE = "SET LOCAL statement_timeout = '3s'"
_READERS = """
    SELECT name, position_ms, position_seq, epoch,
           extract(epoch FROM clock_timestamp() - updated)::float
    FROM reader
"""
# Each state by itself, as its own partial index answers for it.
COUNTS = " UNION ALL ".join(
    [
        *(
            f"SELECT 'action_run', '{state}', count(*) FROM (SELECT id FROM action_run"
            f" WHERE state = '{state}' LIMIT {CAP}) AS found"
            for state in UNSETTLED
        ),
        *(
            f"SELECT 'flow_run', '{state}', count(*) FROM (SELECT id FROM flow_run"
            f" WHERE state_type = '{state}' LIMIT {CAP}) AS found"
            for state in NOT_ENDED
        ),
        f"SELECT 'outbox', '', count(*) FROM (SELECT id FROM event_outbox LIMIT {CAP}) AS found",
    ]
)
_OLDEST = """
    SELECT 'outbox', extract(epoch FROM clock_timestamp() - created)::float
    FROM (SELECT created FROM event_outbox ORDER BY id LIMIT 1) AS oldest_event
    UNION ALL
    SELECT 'actions', extract(epoch FROM clock_timestamp() - created)::float
    FROM (SELECT created FROM action_run WHERE state = 'pending' ORDER BY id LIMIT 1) AS oldest_run
"""
_STATISTICS = """
    SELECT (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = 'firing'::regclass),
           (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relid = 'flow_run'::regclass),
           (SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = 'bucket'::regclass),
           pg_sequence_last_value(pg_get_serial_sequence('action_run', 'id')::regclass),
           pg_sequence_last_value(pg_get_serial_sequence('rejected_event', 'id')::regclass),
           coalesce((SELECT stopped IS NOT NULL FROM brake LIMIT 1), false)
"""
_AUTOMATIONS = """
    SELECT CASE WHEN quarantine_reason IS NOT NULL THEN 'quarantined'
                WHEN enabled THEN 'enabled' ELSE 'disabled' END, count(*)
    FROM automation WHERE deleted IS NULL GROUP BY 1
"""
_OWN_EVENTS = """
    SELECT event, events FROM event_count
    WHERE event = ANY(%s) AND log_day = (clock_timestamp() AT TIME ZONE 'UTC')::date
"""


@dataclass(frozen=True, slots=True)
class ReaderLag:
    name: str
    position: StreamId
    epoch: int
    seen_seconds: float


@dataclass(frozen=True, slots=True)
class Tables:
    """Figures by state or name; ages in seconds, 0 where nothing waits."""

    readers: list[ReaderLag]
    action_runs: dict[str, float]
    flow_runs: dict[str, float]
    outbox: float
    oldest: dict[str, float]
    firings: float
    flow_runs_created: float
    action_runs_created: float
    open_windows: float
    rejected: float
    stopped: bool
    automations: dict[str, float]
    own_events: dict[str, float]


def read() -> Tables:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PATIENCE)
        readers = [
            ReaderLag(name, StreamId(ms, seq), epoch, seen)
            for name, ms, seq, epoch, seen in _rows(cursor, _READERS)
        ]
        counts = {(table, state): float(count) for table, state, count in _rows(cursor, COUNTS)}
        statistics = [value or 0 for value in _rows(cursor, _STATISTICS)[0]]
        firings, flow_runs_created, windows, action_runs_created, rejected, stopped = statistics
        return Tables(
            readers=readers,
            action_runs={state: counts["action_run", state] for state in UNSETTLED},
            flow_runs={state: counts["flow_run", state] for state in NOT_ENDED},
            outbox=counts["outbox", ""],
            oldest={"outbox": 0.0, "actions": 0.0, **dict(_rows(cursor, _OLDEST))},
            firings=firings,
            flow_runs_created=flow_runs_created,
            action_runs_created=action_runs_created,
            open_windows=windows,
            rejected=rejected,
            stopped=bool(stopped),
            automations=_floats(
                ["enabled", "disabled", "quarantined"], _rows(cursor, _AUTOMATIONS)
            ),
            own_events=_floats(OWN_EVENTS, _rows(cursor, _OWN_EVENTS, [list(OWN_EVENTS)])),
        )


def _rows(cursor: Any, query: str, parameters: list[Any] | None = None) -> list[Any]:
    cursor.execute(query, parameters)
    rows: list[Any] = cursor.fetchall()
    return rows


def _floats(names: Any, rows: list[tuple[str, int]]) -> dict[str, float]:
    return dict.fromkeys(names, 0.0) | {name: float(count) for name, count in rows}
