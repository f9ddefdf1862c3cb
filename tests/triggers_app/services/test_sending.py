"""Webhooks and notifications, sent to a real server."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.triggers_app.delivery.examples import NOW, an_event, fired
from tests.triggers_app.delivery.server import Server, serving
from tests.triggers_app.services.test_dispatching import dispatch, outbox_events
from triggers_app.delivery.http import Outside
from triggers_app.models import ActionRun, BlockDocument
from triggers_app.services import retrying
from triggers_app.services.sending import LEASE, Sender
from triggers_app.storage import outside

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as noted:
        yield noted


def send(now: datetime = NOW, *, allow_private: bool = True) -> int:
    client = Outside(allow_private=allow_private, jitter=lambda: 0.5)
    return Sender(clock=lambda: now, client=client).run()


def sent(action: dict[str, Any], **firing: Any) -> ActionRun:
    [run] = fired(action, **firing)
    dispatch()
    send()
    run.refresh_from_db()
    return run


def webhook(server: Server, **fields: Any) -> dict[str, Any]:
    return {"type": "call-webhook", "url": server.url, **fields}


def test_a_webhook_is_sent_with_its_key_and_its_payload(server: Server) -> None:
    run = sent(
        webhook(server, payload="{{ {'n': event.payload.amount} }}", headers={"X-Team": "data"})
    )

    [(path, headers, body)] = server.received
    assert (path, body) == ("/hook/s3cr3t", '{"n": 12.5}')
    assert headers["idempotency-key"] == f"{run.firing_id}:0"
    assert (headers["x-team"], headers["content-type"]) == ("data", "application/json")
    assert (run.state, run.result["status_code"], run.attempts) == ("done", 200, 1)
    assert [event.event for event in outbox_events()] == [
        "prefect.automation.action.triggered",
        "prefect.automation.action.executed",
    ]


def test_secrets_are_shown_nowhere(server: Server) -> None:
    server.answers = [(200, {"Set-Cookie": "a=b", "X-Echo": "t0k3n!"}, f"{server.url} t0k3n!")]
    block = BlockDocument.objects.create(
        name="b", type_slug="webhook", data={"url": server.url, "headers": {"X-Key": "t0k3n!"}}
    )
    run = sent({"type": "call-webhook", "block_document_id": str(block.pk), "payload": "x"})

    assert server.received[0][1]["x-key"] == "t0k3n!"
    assert run.result["response_body"] == "******** ********"
    shown = str([run.result, run.request, [event.payload for event in outbox_events()]])
    assert "t0k3n!" not in shown
    assert "s3cr3t" not in shown
    assert "a=b" not in shown


def test_a_notification_has_its_services_form(server: Server) -> None:
    block = BlockDocument.objects.create(
        name="b", type_slug="slack-webhook", data={"url": server.url}
    )
    action = {
        "type": "send-notification",
        "block_document_id": str(block.pk),
        "subject": "{{ automation.name }}",
        "body": "for {{ event.resource.id }}",
    }
    assert sent(action).state == "done"

    assert server.received[0][2] == '{"text": "*on order*\\n\\nfor shop.order.7"}'


def test_what_did_not_come_through_is_tried_again_later_with_the_same_key(server: Server) -> None:
    server.answers = [(503, {"Retry-After": "40"}, ""), (200, {}, "")]
    run = sent(webhook(server))

    assert (run.state, run.reason) == ("sending", "The answer was 503 Service Unavailable.")
    assert run.not_before == NOW + timedelta(seconds=40)
    assert outbox_events() == []
    assert send(NOW + timedelta(seconds=39)) == 0
    assert send(NOW + timedelta(seconds=40)) == 1
    run.refresh_from_db()
    assert (run.state, run.attempts, len(set(server.keys))) == ("done", 2, 1)


def test_after_six_tries_it_is_given_up(server: Server) -> None:
    server.answers = [(500, {}, "")]
    run = sent(webhook(server))
    for hours in range(1, 8):
        send(NOW + timedelta(hours=hours))

    run.refresh_from_db()
    assert (run.state, len(server.received)) == ("rejected", 6)
    assert run.reason == "The answer was 500 Internal Server Error. It was tried 6 times."
    assert outbox_events()[1].event == "prefect.automation.action.failed"


def test_one_that_was_killed_after_the_call_is_sent_again_with_the_same_key(
    server: Server,
) -> None:
    [run] = fired(webhook(server))
    dispatch()
    [claimed] = outside.claim(10, now=NOW, until=NOW + LEASE)
    client = Outside(allow_private=True)
    key = f"{run.firing_id}:0"
    from triggers_app.delivery.calls import Call, call_for

    call = call_for(run.action, claimed.request, None)
    assert isinstance(call, Call)
    client.send(call, key=key, tries=1, now=NOW)  # and here it dies

    assert send(NOW + LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + LEASE) == 1
    run.refresh_from_db()
    assert server.keys == [key, key]
    assert (run.state, run.attempts) == ("done", 2)


def test_who_lost_its_lease_settles_nothing(server: Server) -> None:
    [run] = fired(webhook(server))
    dispatch()
    [late] = outside.claim(10, now=NOW, until=NOW + LEASE)
    send(NOW + LEASE)

    assert not outside.settle(late, state="rejected", reason="too late")
    run.refresh_from_db()
    assert run.state == "done"


REFUSED = [
    ("http://127.0.0.1:1/", "`127.0.0.1` is a private address"),
    ("http://localhost:1/", "`localhost` is a private address"),
    ("http://[::1]:1/", "`::1` is a private address"),
    ("http://[::ffff:10.0.0.1]/", "is a private address"),
    ("http://169.254.169.254/latest", "`169.254.169.254` is a private address"),
    ("http://0x7f.1/", "is a private address"),
    ("http://[64:ff9b::7f00:1]/", "is a private address"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED)
def test_private_addresses_are_refused(url: str, reason: str) -> None:
    [run] = fired({"type": "call-webhook", "url": url})
    dispatch()
    send(allow_private=False)

    run.refresh_from_db()
    assert run.state == "rejected"
    assert reason in str(run.reason)


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.answers = [(302, {"Location": "http://169.254.169.254/"}, "")]
    run = sent(webhook(server))

    assert run.state == "rejected"
    assert "follows no redirects" in str(run.reason)
    assert len(server.received) == 1


def test_a_block_that_is_gone_or_of_another_kind_is_named() -> None:
    block = BlockDocument.objects.create(name="b", type_slug="webhook", data={})
    missing = sent({"type": "call-webhook", "block_document_id": str(uuid4())})
    other = sent({"type": "send-notification", "block_document_id": str(block.pk), "body": "x"})

    assert str(missing.reason).startswith("There is no block")
    assert str(other.reason).startswith("Block `b` is of type webhook")


def test_a_text_that_cannot_be_rendered_is_not_sent(server: Server) -> None:
    run = sent(webhook(server, payload="{{ event.payload.nope }}"))

    assert (run.state, server.received) == ("rejected", [])
    assert "`nope` does not exist" in str(run.reason)


def test_a_failed_webhook_is_tried_again_as_it_was_rendered(server: Server) -> None:
    server.answers = [(404, {}, ""), (200, {}, "")]
    run = sent(webhook(server, payload="{{ event.id }}"), triggering_event=an_event())
    assert run.state == "rejected"

    retrying.retry(run.pk, author="me", now=NOW)
    send()

    run.refresh_from_db()
    first, second = server.received
    assert (first[2], first[1]["idempotency-key"]) == (second[2], second[1]["idempotency-key"])
    assert (run.state, run.retries, run.author) == ("done", 1, "me")
    assert len({event.id for event in outbox_events()}) == 4
