"""`/automations/backtest` and `/automations/{id}/explain`: what would fire, and why it did not."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from events_app.domain.event import event_document, from_ms, rfc3339
from events_app.domain.position import Position
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from project.lib.problems import Invalid, Problem
from triggers_app.api.automations import existing_id, not_found
from triggers_app.api.schemas import documented, read_body
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.reads import automation_documents
from triggers_app.services import backtest_questions as questions
from triggers_app.services.backtesting import Backtest
from triggers_app.services.explaining import (
    EventNotFound,
    Explanation,
    TookTooLong,
    explain,
    verdict_document,
)

router = Router(tags=["automations"])
NDJSON = "application/x-ndjson"
MAX_SECONDS = 60.0
MAX_LISTED = 10_000
# A backtest keeps one core busy; events come in through the same processes.
AT_ONCE = 2


class _Running:
    slots = threading.BoundedSemaphore(AT_ONCE)


class BacktestBody(BaseModel):
    """`since` and `until`: a duration before now (`7d`) or RFC 3339."""

    model_config = ConfigDict(extra="forbid")

    automation: dict[str, Any]
    since: str | None = None
    until: str | None = None
    limit: int = Field(default=1000, ge=0, le=MAX_LISTED)
    seconds: float = Field(default=30.0, gt=0, le=MAX_SECONDS)


@router.post(
    "/backtest",
    response=Any,
    openapi_extra=documented(BacktestBody.model_json_schema(), required=True),
)
def backtest_automation(request: HttpRequest) -> HttpResponseBase:
    """The result; with `Accept: application/x-ndjson` lines of progress, and it at the end."""
    body = read_body(request, BacktestBody) if request.body.strip() else _no_body()
    backtest = _backtest(body)
    if not _Running.slots.acquire(blocking=False):
        detail = f"{AT_ONCE} backtests are running already."
        raise ApiError(503, {"detail": detail}, headers={"Retry-After": "5"})
    if NDJSON in request.headers.get("Accept", ""):
        return StreamingHttpResponse(_Lines(backtest), content_type=NDJSON)
    try:
        result = backtest.run()
    finally:
        _Running.slots.release()
    return HttpResponse(msgspec.json.encode(result), content_type="application/json")


@router.get("/{automation_id}/explain", response=Any)
def explain_event(request: HttpRequest, automation_id: str, event: str) -> dict[str, Any]:
    """Why the event (an id, or a position in the log) fired the automation, or did not."""
    event_ref = _event(event)
    try:
        automation_documents.document(automation := existing_id(automation_id))
        return _document(explain(automation, event_ref, now=utcnow()))
    except Automation.DoesNotExist:
        not_found()
    except EventNotFound:
        raise ApiError(404, {"exception_message": "Event not found"}) from None
    except TookTooLong:
        detail = "Too much has happened between the last snapshot and this event."
        raise ApiError(503, {"detail": detail}) from None


class _Lines:
    """A backtest as lines of JSON: its progress, then its result. Gives its slot back."""

    def __init__(self, backtest: Backtest) -> None:
        self._backtest = backtest
        self._progress: Iterator[Any] = iter(backtest)
        self._open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while (progress := await asyncio.to_thread(next, self._progress, None)) is not None:
                yield msgspec.json.encode({"progress": progress}) + b"\n"
            yield msgspec.json.encode({"result": self._backtest.result}) + b"\n"
        finally:
            await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Stop, wherever it is. Django calls it too, for a client that left before the first."""
        if self._open:
            self._open = False
            self._progress.close()  # type: ignore[attr-defined]  # a generator
            _Running.slots.release()


def _backtest(body: BacktestBody) -> Backtest:
    problems: list[Problem] = []
    now = utcnow()
    try:
        automation = parse_automation(body.automation)
    except Invalid as error:
        problems += error.below(("automation",)).problems
    try:
        since, until = questions.period(body.since, body.until, now=now)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)
    question = questions.of_draft(automation, since, until)
    return Backtest(replace(question, most=body.limit, seconds=body.seconds))


def _no_body() -> BacktestBody:
    raise Invalid([Problem(("automation",), "`automation` is required.", "missing")])


def _event(text: str) -> UUID | Position:
    try:
        return Position.parse(text) if text.count("-") == 2 else UUID(text)
    except ValueError:
        sentence = "`event` must be the id of an event, or its position in the log."
        raise ApiError(
            422,
            {
                "exception_message": "Invalid request received.",
                "exception_detail": [
                    {"loc": ["query", "event"], "msg": sentence, "type": "value_error"}
                ],
                "request_body": None,
            },
        ) from None


def _document(explanation: Explanation) -> dict[str, Any]:
    verdict = explanation.verdict
    return {
        "automation_id": str(explanation.automation_id),
        "version": explanation.version,
        "event": event_document(explanation.event, received=from_ms(explanation.position.ms)),
        "position": str(explanation.position),
        "evaluated": explanation.evaluated and rfc3339(explanation.evaluated),
        "verdict": None if verdict is None else verdict_document(verdict),
        "notes": explanation.notes,
        "folded_since": explanation.folded_since and rfc3339(explanation.folded_since),
        "complete": explanation.complete,
    }
