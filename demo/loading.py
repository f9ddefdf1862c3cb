"""Putting the demo into the tables: in one transaction, as the evaluator's owner.

Deployments come first. The week was played in memory up to a moment; the lease is taken when
the evaluator has read up to a later one. So whoever owns it next goes on with the demo's windows
and versions as if it had evaluated that week itself.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import redis
from django.db import connection, transaction

from demo import company
from demo.acting import ActingStage
from demo.automations import DemoAutomation, demo_automations, ids
from demo.rehearsal import Edition, Rehearsal, RehearsedAction
from events_app.domain.event import Entry, from_ms
from events_app.domain.position import StreamId
from events_app.storage import outbox as event_outbox
from events_app.storage import partitions, reader, recording
from events_app.storage.reader import Lease
from events_app.stream import log
from project.lib import wake
from runs_app.models import Deployment
from runs_app.services import past_runs
from runs_app.services.past_runs import PastRuns
from triggers_app.automation.engine.evaluator import Version
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.plan import plan_of
from triggers_app.delivery.results import Delivered, Rejected
from triggers_app.models import ActionRun, Automation
from triggers_app.services import authoring, deploying, evaluating
from triggers_app.services.soundness import require_sound
from triggers_app.storage import automations as automation_storage
from triggers_app.storage import demo_import, state, version_feed
from triggers_app.storage.demo_import import ImportedAction
from triggers_app.storage.version_feed import AppliedVersion

AUTHOR = "demo"
WAIT_SECONDS = 30.0


class DemoBusy(Exception):
    """The evaluator did not come to rest in time; no history was written."""


class OthersHere(Exception):
    """There are automations that are not the demo's; their number is the argument."""


@dataclass(frozen=True, slots=True)
class LoadedDemo:
    """How much was made; `existed` when the demo was there already and nothing was."""

    deployments: int
    automations: int
    events: int = 0
    firings: int = 0
    runs: int = 0
    existed: bool = False


def load(
    client: redis.Redis,
    *,
    clock: Callable[[], datetime],
    length: timedelta | None = None,
    among_others: bool = False,
) -> LoadedDemo:
    """Deploy the company and load its past of that length, or of a week.

    Raises OthersHere, Busy and InvalidSource.
    """
    length = length or company.WEEK
    mine = ids()
    others = automation_storage.live().exclude(pk__in=mine).count()
    if others and not among_others:
        raise OthersHere(others)
    if Automation.objects.filter(pk__in=mine).exists():
        return LoadedDemo(_deployed().count(), len(mine), existed=True)
    # The history ends at a moment of the log's own time, which everything later is behind.
    until = from_ms(log.append_wakeup(client).ms)
    deploying.deploy(
        company.FLOWS / "prefect.yaml", names=None, environment={}, author=AUTHOR, now=clock()
    )
    _date_deployments(until - length)
    rows, rehearsal = _rehearsed(until, length)
    with caught_up(client, clock=clock) as lease, transaction.atomic():
        rehearsal.go_on(lease.position.ms)
        _write(lease, rows, rehearsal)
    log.append_wakeup(client)
    return LoadedDemo(
        _deployed().count(),
        len(mine),
        events=len(rehearsal.day.entries),
        firings=len(rehearsal.day.outcome.firings),
        runs=len(rehearsal.day.runs),
    )


@contextmanager
def caught_up(client: redis.Redis, *, clock: Callable[[], datetime]) -> Iterator[Lease]:
    """The evaluator's lease, once everything up to now has been evaluated. Raises Busy.

    Elsewhere a worker does that, and rests for a moment every few seconds; where none is
    running, it is done here.
    """
    goal = log.append_wakeup(client)
    gives_up = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < gives_up:
        try:
            lease = reader.take(evaluating.READER, held=None)
        except reader.TakenEntries:
            time.sleep(0.001)
            continue
        with lease:
            if lease.position >= goal:
                yield lease
                return
        wakes = partial(wake.wake, queue="actions")
        evaluating.run_lease(None, client=client, clock=clock, wake=wakes, seconds=0.2)
    raise DemoBusy("The evaluator did not come to rest.")


def fence(lease: Lease) -> "psycopg.Connection[Any]":
    """Django's own connection, in whose transaction the lease is proven. Raises reader.Stale.

    Commit before the lease is released: the row of the reader is locked until then.
    """
    connection.ensure_connection()
    own: psycopg.Connection[Any] = connection.connection
    proven = Lease(lease.name, own, position=lease.position, epoch=lease.epoch, kept=True)
    proven.advance(lease.position)
    return own


def _deployed() -> Any:
    return Deployment.objects.filter(flow_root=str(company.FLOWS))


def _date_deployments(moment: datetime) -> None:
    """Younger than their first run they would look strange."""
    _deployed().update(created=moment, updated=moment)


def _rehearsed(until: datetime, length: timedelta) -> tuple[list[Automation], Rehearsal]:
    deployments = dict(_deployed().values_list("name", "id"))
    rows = [
        row
        for each in demo_automations(deployments)
        for row in _editions(each, start=until - length, until=until)
    ]
    rehearsal = Rehearsal(
        PastRuns(list(deployments.values())),
        ActingStage(company.FLOWS),
        random=Random(f"larch/{until.date()}/acts"),
        until=until,
        timer=time.monotonic,
    )
    rehearsal.play([_edition(row) for row in rows], company.history(until, length=length))
    return rows, rehearsal


def _editions(each: DemoAutomation, *, start: datetime, until: datetime) -> list[Automation]:
    """The versions of an automation, each as the row that was saved then."""
    document = parse_automation(each.document)
    require_sound(document)
    row = authoring.new_row(document)
    row.id = each.id
    row.updated = start
    saved = [copy(row)]
    for ago, changed in each.changes:
        if until - ago > start:
            authoring.revise(row, parse_automation(changed))
            row.updated = until - ago
            saved.append(copy(row))
    return saved


def _edition(row: Automation) -> Edition:
    trigger = parse_trigger(row.document["trigger"])
    plan = plan_of(row.document, trigger)
    version = Version(row.id, row.version, row.enabled, trigger, resolves=plan.resolves)
    document = {**row.document, "id": str(row.id)}
    return Edition(row.updated, version, plan, document)


def _write(lease: Lease, rows: Sequence[Automation], rehearsal: Rehearsal) -> None:
    """Events, runs, versions, firings and windows; with the lease proven, in one transaction."""
    scheduled = rehearsal.day
    own = fence(lease)
    _record(own, scheduled.entries)
    past_runs.write(list(scheduled.runs.values()))
    _save(own, rows, scheduled.applied)
    state.write(own, scheduled.outcome, plans=rehearsal.plans, now=from_ms(lease.position.ms))
    demo_import.date_firings([firing.id for firing in scheduled.outcome.firings])
    demo_import.write_finished([_settled(each) for each in scheduled.settled])
    event_outbox.delete(scheduled.event_ids)
    event_outbox.add(scheduled.late)
    for task in ("events.relay", "triggers.dispatch"):
        wake.wake_after_commit(task, queue="actions")
    wake.wake_after_commit("runs.execute", queue="runs")


def _record(own: "psycopg.Connection[Any]", entries: Sequence[Entry]) -> None:
    partitions.ensure(own, {partitions.day_of(entry.id.ms) for entry in entries})
    recording.store(own, entries)


def _save(
    own: "psycopg.Connection[Any]",
    rows: Sequence[Automation],
    applied: dict[tuple[UUID, int], StreamId],
) -> None:
    """Each version at the moment at which it was saved; one query for those of a moment."""
    for moment, new in sorted({(row.updated, row.version == 1) for row in rows}):
        saved = [row for row in rows if (row.updated, row.version == 1) == (moment, new)]
        after = max(applied[row.id, row.version] for row in saved)
        automation_storage.write(saved, new=new, effective_after=after, author=AUTHOR, now=moment)
    version_feed.note_applied(
        own, [AppliedVersion(*key, after=place, log_ms=place.ms) for key, place in applied.items()]
    )


def _settled(each: RehearsedAction) -> demo_import.ImportedAction:
    ending, at = each.settlement, each.at
    if isinstance(ending, Delivered):
        done, run_id = ActionRun.State.DONE.value, ending.flow_run_id
        return ImportedAction(each.firing_id, each.index, done, None, ending.result, run_id, at)
    if isinstance(ending, Rejected):
        state, why = ActionRun.State.REJECTED.value, ending.reason
        return ImportedAction(each.firing_id, each.index, state, why, ending.result, None, at)
    raise TypeError(f"The demo has no actions that end as {ending!r}.")
