"""What to backtest: a draft, or a saved automation; over what is recorded and no more."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import redis

from events_app.domain.event import to_us
from events_app.domain.position import StreamId
from events_app.storage import offsets
from events_app.stream import log
from project.lib import redis_client
from project.lib.durations import parse_duration
from project.lib.kept_connections import kept_connection
from project.lib.problems import Invalid, Problem
from triggers_app.automation.document import AutomationDocument, with_ids
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.triggers import Trigger
from triggers_app.models import Automation
from triggers_app.services.backtesting import Question
from triggers_app.storage import automations, history_snapshots, history_versions
from triggers_app.storage.history import Connection
from triggers_app.storage.history_snapshots import Start

DEFAULT_PERIOD = "7d"
RECORDER = "record"


class Ambiguous(LookupError):
    """Several automations have that name; `ids` tells which."""

    def __init__(self, ids: list[UUID]) -> None:
        super().__init__(", ".join(map(str, ids)))
        self.ids = ids


def period(since: str | None, until: str | None, *, now: datetime) -> tuple[datetime, datetime]:
    """The period between two times, each a duration before now (`7d`) or RFC 3339.

    By default the last seven days. Raises Invalid.
    """
    problems: list[Problem] = []
    ends = [
        _moment(text, name, now, problems)
        for name, text in (("since", since or DEFAULT_PERIOD), ("until", until or "0s"))
    ]
    if not problems and ends[0] >= ends[1]:
        problems.append(Problem(("since",), "`since` must lie before `until`."))
    if problems:
        raise Invalid(problems)
    return ends[0], min(ends[1], now)


def of_draft(automation: AutomationDocument, since: datetime, until: datetime) -> Question:
    """An unsaved automation; it begins with no window open."""
    fresh = with_ids(automation)
    return _question(fresh.trigger, fresh, since, until)


def of_saved(row: Automation, since: datetime, until: datetime) -> Question:
    """A saved one, as it is now. It goes on from a snapshot that has its windows, if there is one.

    Raises Invalid when this Flint cannot read it.
    """
    automation = parse_automation(row.document)
    start = start_of(row.pk, automation.trigger, to_us(since) // 1000)
    known = {"automation_id": row.pk, "guarded": row.guarded, "start": start}
    return _question(automation.trigger, automation, since, until, **known)


def find(name_or_id: str) -> Automation:
    """The automation with this id or name. Raises Automation.DoesNotExist and Ambiguous."""
    try:
        row = automations.automation(UUID(name_or_id))
    except ValueError:
        rows = list(automations.live().filter(name=name_or_id).order_by("id")[:20])
        if len(rows) > 1:
            raise Ambiguous([one.pk for one in rows]) from None
        row = rows[0] if rows else None
    if row is None:
        raise Automation.DoesNotExist
    return row


def _question(
    trigger: Trigger, automation: AutomationDocument, since: datetime, until: datetime, **more: Any
) -> Question:
    since_ms = to_us(since) // 1000
    return Question(
        trigger=trigger,
        since_ms=since_ms,
        until_ms=max(since_ms, recorded_until(to_us(until) // 1000)),
        resolves=bool(automation.actions_on_resolve),
        **more,
    )


def recorded_until(until_ms: int) -> int:
    """What the recorder has not written yet must not look like silence."""
    recorded = offsets.of(RECORDER)
    try:
        if log.last_id(redis_client.client()) <= recorded:
            return until_ms
    except redis.RedisError:
        pass
    return min(until_ms, recorded.ms)


def start_of(automation_id: UUID, trigger: Trigger, since_ms: int) -> Start | None:
    """A snapshot in which this very trigger was at work."""
    with kept_connection() as connection:
        return start_on(connection, automation_id, trigger, since_ms)


def start_on(
    connection: Connection, automation_id: UUID, trigger: Trigger, since_ms: int
) -> Start | None:
    """`start_of` on a connection that is there already. Three queries at most."""
    start = history_snapshots.newest_before(
        connection, StreamId(since_ms, 0), automation_id=automation_id, settled_ms=since_ms
    )
    version, loaded = (start and start.versions.get(automation_id)) or (0, False)
    if not loaded:
        return None
    applied = history_versions.applied(connection, until_ms=since_ms, automation_id=automation_id)
    # No other trigger from the snapshot to the beginning: then its windows would not be ours.
    for past in applied:
        if past.version >= version and not (past.works and _same(past.document, trigger)):
            return None
    return start


def _same(document: dict[str, Any], trigger: Trigger) -> bool:
    try:
        return bool(parse_trigger(document["trigger"]) == trigger)
    except Invalid:
        return False


def _moment(text: str, name: str, now: datetime, problems: list[Problem]) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
    except ValueError:
        try:
            return now - parse_duration(text)
        except (ValueError, OverflowError):
            pass
    sentence = f"`{name}` must be a duration such as 7d, or a time such as 2026-11-23T12:00:00Z."
    problems.append(Problem((name,), sentence))
    return now - timedelta(0)
