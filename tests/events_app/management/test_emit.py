"""The command that sends one event."""

import subprocess
import sys
from io import StringIO
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command

from events_app.domain.event import Event
from events_app.domain.position import START
from events_app.management import emit as emit_command
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


@pytest.mark.usefixtures("log_client")
@pytest.mark.parametrize(
    "url", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0"]
)
def test_without_redis_it_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(CommandError, match="Is Flint running"):
        emit("e", "--resource", "r")


def test_a_full_log_is_told(log_client: redis.Redis) -> None:
    log_client.hset(log.META, "max_events", 0)

    with pytest.raises(CommandError, match="full until its readers catch up"):
        emit("e", "--resource", "r")


def test_a_server_that_forgot_the_script_is_given_it_again(log_client: redis.Redis) -> None:
    log_client.script_flush()

    id_ = emit("e", "--resource", "r")

    assert [event.id for event in in_the_log(log_client)] == [id_]


def test_an_address_with_a_name_a_password_and_a_database_is_followed(
    log_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_client.acl_setuser(
        "sender", enabled=True, passwords=["+p w:d"], commands=["+@all"], keys="*"
    )
    path = urlsplit(settings.REDIS_URL).path
    monkeypatch.setenv("REDIS_URL", f"unix://sender:p%20w%3Ad@{path}?db=0")

    try:
        id_ = emit("e", "--resource", "r")
    finally:
        log_client.acl_deluser("sender")

    assert [event.id for event in in_the_log(log_client)] == [id_]


def test_the_command_line_sends_without_loading_django(log_client: redis.Redis) -> None:
    arguments = ["emit_event", "order.paid", "--resource", "r"]
    probe = (
        "import sys, manage\n"
        "try: manage.main()\n"
        "finally: print(sorted({'django', 'redis', 'celery'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", probe, *arguments],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    id_, loaded = done.stdout.splitlines()
    assert [str(event.id) for event in in_the_log(log_client)] == [id_]
    assert loaded == "[]"


def test_the_command_line_tells_what_is_wrong(log_client: redis.Redis) -> None:
    assert emit_command.main(["e", "--resource", "r", "--label", "x"]) == 1
