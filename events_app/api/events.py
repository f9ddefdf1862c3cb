"""Reading recorded events: Prefect's paths and bodies. (POST /events is api.ingest.)"""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field

from events_app.domain.event import event_document, rfc3339
from events_app.domain.filters import EventFilter
from events_app.reads import event_counts, event_pages
from events_app.reads.event_counts import Countable, TimeUnit
from events_app.reads.event_pages import EventPage
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow

router = Router(tags=["events"])

PAGE = 50
# What Prefect's client asks for by itself, though Prefect's own server refuses it.
MAX_PAGE = 100


def _or(default: Any) -> BeforeValidator:
    """Prefect's clients send null for what they leave open."""
    return BeforeValidator(lambda value: default if value is None else value)


class FilterRequest(Schema):
    filter: EventFilter | None = None
    limit: Annotated[int, Field(ge=0, le=MAX_PAGE), _or(PAGE)] = PAGE


class CountRequest(Schema):
    filter: EventFilter | None = None
    time_unit: Annotated[TimeUnit, _or("day")] = TimeUnit.DAY
    time_interval: Annotated[float, Field(ge=0.01, le=10_000), _or(1.0)] = 1.0


@router.post("/filter")
def filter_events(request: HttpRequest, body: FilterRequest | None = None) -> HttpResponse:
    """The newest events that match, `total` of all that do, and the address of the next page."""
    params = body or FilterRequest()
    page = event_pages.first_page(params.filter or EventFilter(), limit=params.limit)
    return _page(request, page)


@router.get("/filter/next")
def next_events(
    request: HttpRequest,
    page_token: str = Query(..., alias="page-token"),  # type: ignore[type-arg]  # a function here
) -> HttpResponse:
    try:
        page = event_pages.next_page(page_token)
    except event_pages.UnknownPage:
        detail = "This page does not exist; start with the filter again."
        raise ApiError(403, {"detail": detail}) from None
    return _page(request, page)


@router.post("/count-by/{countable}")
def count_events(
    request: HttpRequest, countable: Countable, body: CountRequest | None = None
) -> list[dict[str, Any]]:
    """Matching events by day, step of time, name or resource."""
    params = body or CountRequest()
    counts = event_counts.count_by(
        countable,
        params.filter or EventFilter(),
        unit=params.time_unit,
        interval=params.time_interval,
        now=utcnow(),
    )
    return [
        {
            "value": count.value,
            "label": count.label,
            "count": count.count,
            "start_time": rfc3339(count.start_time),
            "end_time": rfc3339(count.end_time),
        }
        for count in counts
    ]


def _page(request: HttpRequest, page: EventPage) -> HttpResponse:
    address = None
    if page.next_token is not None:
        address = request.build_absolute_uri(
            f"/api/events/filter/next?page-token={page.next_token}"
        )
    document = {
        "events": [
            event_document(recorded.event, received=recorded.received) for recorded in page.events
        ],
        "total": page.total,
        "next_page": address,
    }
    return HttpResponse(msgspec.json.encode(document), content_type="application/json")
