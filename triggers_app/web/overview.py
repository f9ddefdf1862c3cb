"""The overview: what arrived, what fired, what ran, and what needs a person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts_app.web.guards import can_edit, page
from events_app.reads import event_counts, events
from events_app.reads.event_counts import Arrivals
from events_app.web.events import LATEST as LATEST_EVENTS
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.moments import in_words, minute
from project.lib.paging import fingerprint
from runs_app.reads import flow_runs
from runs_app.reads import overview as overview_reads
from runs_app.reads.overview import RunNews
from runs_app.web.runs import LATEST as LATEST_RUNS
from triggers_app.reads import firings, health
from triggers_app.reads import overview as firing_news
from triggers_app.reads.health import Overdue
from triggers_app.reads.overview import FiringNews
from triggers_app.web.firings import LATEST

MOST_SILENT = 5


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a person should look at."""

    kind: str  # a sign
    what: str
    why: str
    address: str
    retry: str = ""  # where a POST does it again


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the first steps; `run` is a command, `address` a page to open, named `place`."""

    done: bool
    what: str
    run: str = ""
    place: str = ""
    address: str = ""


@page
def overview(request: HtmxRequest) -> HttpResponse:
    context = {
        # What takes a look at every automation comes with the first refresh.
        **_news(utcnow(), editor=can_edit(request), overdue=health.overdue_known),
        "firings": firings.newest(size=LATEST),
        "events": events.newest(size=LATEST_EVENTS),
        "runs": flow_runs.newest(size=LATEST_RUNS),
    }
    return render(request, "triggers_app/overview.html", context)


@page
def news(request: HtmxRequest) -> HttpResponse:
    """The numbers and the needs, while somebody watches."""
    context = _news(utcnow(), editor=can_edit(request), overdue=health.overdue)
    if seen(request, context["seen"]):
        return unchanged()
    context["title"] = "Needs attention"
    return page_or_fragment(request, "ui/alone.html", "triggers_app/_news.html", context)


def _news(now: datetime, *, editor: bool, overdue: Callable[..., list[Overdue]]) -> dict[str, Any]:
    arrived, ran, fired = (
        event_counts.arrivals(now=now),
        overview_reads.news(now=now),
        firing_news.news(now=now),
    )
    hour = now.replace(minute=0, second=0, microsecond=0)
    days = [arrived.by_day.get((now - timedelta(days=6 - n)).date(), 0) for n in range(7)]
    hours = [fired.by_hour.get(hour - timedelta(hours=23 - n), 0) for n in range(24)]
    needs = [*_needs(arrived, ran, fired), *_silent(overdue(now=now, limit=MOST_SILENT))]
    steps = _steps(arrived, ran, fired)
    most = firing_news.MOST_DEADLINES
    figures = (days, hours, fired.in_shadow, ran, fired.open_windows)
    return {
        "days": days,
        "hours": hours,
        "in_shadow": fired.in_shadow,
        "ran": ran,
        "open_windows": fired.open_windows,
        "needs": needs,
        "steps": [] if all(step.done for step in steps) else steps,
        "deadlines": fired.deadlines[:most],
        "more_deadlines": len(fired.deadlines) > most,
        "now": now,
        "can_edit": editor,
        "seen": fingerprint((*figures, needs, steps, fired.deadlines)),
    }


def _needs(arrived: Arrivals, ran: RunNews, fired: FiringNews) -> list[Need]:
    needs = [
        Need("failed", one.name, f"Set aside: {one.reason}", _of("automations:one", one.id))
        for one in fired.quarantined
    ]
    needs += [
        Need(
            "failed",
            one.name,
            f"{_times(one.times, 'action')} refused: {one.reason}",
            _of("firings:one", one.newest) if one.newest else _of("automations:one", one.id),
        )
        for one in fired.refused
    ]
    needs += [
        Need(
            "failed",
            one.name,
            f"{_times(one.runs, 'run')} failed{_first_line(one.reason)}",
            _of("runs:one", one.newest),
            retry=_of("runs:retry", one.newest),
        )
        for one in ran.broken
    ]
    if arrived.rejected:
        why = f"{_times(arrived.rejected, 'event')} could not be recorded; the admin lists them."
        needs.append(Need("failed", "Recording", why, "/admin/events_app/rejectedevent/"))
    return needs


def _silent(rows: Iterable[Overdue]) -> list[Need]:
    """Without how long it has been silent, which would change with every look."""
    return [
        Need("waiting", one.name,
             f"Silent since {minute(one.last)} UTC; it usually fires every {in_words(one.gap)}.",
             _of("automations:one", one.id))
        for one in rows
    ]  # fmt: skip


def _steps(arrived: Arrivals, ran: RunNews, fired: FiringNews) -> list[FirstStep]:
    deploy = "python manage.py deploy --all --prefect-file docs/examples/orders/prefect.yaml"
    emit = (
        "python manage.py emit_event external.resource.pinged --resource my.external.resource"
        """ --payload '{"amount": 12.5, "order": "A-7"}'"""
    )
    return [
        FirstStep(fired.any_automation, "Design an automation: what to wait for, and what to do",
                  place="builder", address=reverse("builder:starts")),
        FirstStep(ran.any_deployment, "Or deploy the example: two flows, each with a trigger",
                  run=deploy),
        FirstStep(arrived.any, "Send the event that the first one waits for", run=emit),
        FirstStep(fired.any_firing, "See why it fired",
             place="firings", address=reverse("firings:list")),
        FirstStep(ran.any_completed, "Read what its run wrote",
             place="runs", address=reverse("runs:list")),
    ]  # fmt: skip


def _first_line(reason: str) -> str:
    line = reason.strip().partition("\n")[0]
    return f": {line[:160]}" if line else ""


def _of(name: str, pk: object) -> str:
    return reverse(name, args=[pk])


def _times(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
