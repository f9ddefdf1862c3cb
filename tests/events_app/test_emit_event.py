"""The command that sends one event."""

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import redis
from django.core.management import CommandError, call_command

from events_app.domain.event import Event
from events_app.domain.position import START
from events_app.stream import log


def emit(*arguments: str) -> UUID:
    output = StringIO()
    call_command("emit_event", *arguments, stdout=output)
    return UUID(output.getvalue().strip())


def in_the_log(client: redis.Redis) -> list[Event]:
    read = log.read_or_advance(client, after=START, max_events=10, block_ms=0)
    return [event for entry in read.entries for event in entry.events]


def test_the_event_is_in_the_log_and_its_id_is_printed(log_client: redis.Redis) -> None:
    id_ = emit(
        *["order.paid", "--resource", "shop.order.7", "--label", "env=a=b"],
        *["--related", "customer:shop:1", "--payload", '{"amount": 1.50}'],
    )

    (event,) = in_the_log(log_client)
    assert (event.id, event.event, event.follows) == (id_, "order.paid", None)
    assert event.resource == {"prefect.resource.id": "shop.order.7", "env": "a=b"}
    assert event.related == [{"prefect.resource.id": "shop:1", "prefect.resource.role": "customer"}]
    assert event.payload_object() == {"amount": 1.5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resource", ""], "resource: The prefect.resource.id label must be non-empty."),
        (["--resource", "r", "--label", "x"], "write it as KEY=VALUE"),
        (["--resource", "r", "--related", "x"], "write it as ROLE:ID"),
        (["--resource", "r", "--payload", "{"], "--payload is not JSON"),
        (["--resource", "r", "--payload", "[]"], "payload: Input should be a valid dictionary"),
        (["--resource", "r", "--payload", '{"a": NaN}'], "payload.a: Numbers must be finite"),
        (["--resource", "r", "--payload", '{"a": "\\ud800"}'], "payload.a: A text cannot hold"),
        (["--resource", "r", "--label", "a=\0"], "resource.a: A text cannot hold"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_is_told_and_nothing_is_sent(
    log_client: redis.Redis, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError) as error:
        emit("e", *arguments)

    assert message in str(error.value)
    assert in_the_log(log_client) == []


def test_without_redis_it_says_so(log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **options: Any) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(log, "append", away)

    with pytest.raises(CommandError, match="Is Flint running"):
        emit("e", "--resource", "r")
