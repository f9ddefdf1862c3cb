"""Named events that the tests share."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from events_app.domain.event import Event

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(
    *,
    event: str = "order.created",
    resource: dict[str, str] | None = None,
    payload: Any = None,
    id: UUID | None = None,
    **fields: Any,
) -> Event:
    return Event(
        occurred=fields.pop("occurred", NOON),
        event=event,
        resource=resource or {"prefect.resource.id": "shop.order.7", "env": "prod"},
        payload=msgspec.Raw(json.dumps(payload or {}).encode()),
        id=id or uuid4(),
        **fields,
    )


TWO_IN_A_FRAME = [
    an_event(id=UUID(int=1)),
    an_event(id=UUID(int=2), event="order.paid", follows=UUID(int=1)),
]
NUL_IN_NAME = an_event(id=UUID(int=3), event="a\0b")
