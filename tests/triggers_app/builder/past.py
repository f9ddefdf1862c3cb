"""Recorded events and drafts about them. Second 0 of the tests is Tue 14 Nov 2023, 22:13:20."""

from datetime import date, timedelta
from typing import Any

from events_app.domain.event import from_ms
from project.lib.json_documents import Document
from tests.menagerie import entry, event, ms
from tests.menagerie import trigger as parsed
from tests.triggers_app.live import record
from triggers_app.automation.triggers import Trigger
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft
from triggers_app.services.backtest_result import BacktestResult
from triggers_app.services.backtesting import Backtest, Question

MIDNIGHT = 6_400.0  # of Wednesday, in seconds
HOUR, DAY = 3_600.0, 86_400.0
TUESDAY, WEDNESDAY, THURSDAY = date(2023, 11, 14), date(2023, 11, 15), date(2023, 11, 16)
NOW = from_ms(ms(MIDNIGHT + 2 * DAY))


def wednesday(hour: float) -> float:
    return MIDNIGHT + hour * HOUR


def thursday(hour: float) -> float:
    return MIDNIGHT + DAY + hour * HOUR


def came(*events: tuple[str, float], **fields: Any) -> None:
    """Events by name and second, each received when it happened."""
    made = sorted(events, key=lambda one: one[1])
    record([entry(event(name, at=at, **fields), at=at) for name, at in made])


def backtested(
    document: Document, *, since: float = 0, until: float = MIDNIGHT + 2 * DAY
) -> tuple[Trigger, BacktestResult]:
    trigger = parsed(document)
    question = Question(trigger=trigger, since_ms=ms(since), until_ms=ms(until))
    return trigger, Backtest(question).run()


def draft_of(trigger: Document, **fields: Any) -> Draft:
    document = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]} | fields
    return drafts.open_new(document, author="eda", now=NOW)


def edited(draft: Draft, **fields: Any) -> Draft:
    applied = drafts.edit(
        draft.pk,
        author="eda",
        rev=draft.rev,
        change=lambda document: {**document, **fields},
        label="changed",
        now=NOW + timedelta(minutes=1),
    )
    return applied.draft
