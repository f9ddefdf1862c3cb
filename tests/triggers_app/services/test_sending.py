"""Webhooks and notifications, sent to a real server."""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.triggers_app.block_rows import block_row
from tests.triggers_app.delivery.examples import NOW, an_event, fired
from tests.triggers_app.delivery.mail_server import mail_serving
from tests.triggers_app.delivery.server import Server, serving
from tests.triggers_app.delivery.slow_server import slow_server
from tests.triggers_app.services.test_dispatching import dispatch, outbox_events
from triggers_app.delivery.http import OutgoingClient
from triggers_app.models import ActionRun
from triggers_app.services import retrying
from triggers_app.services.sending import LEASE, PER_HOST, STOP_SECONDS, Sender
from triggers_app.storage import outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as noted:
        yield noted


def send(now: datetime = NOW, *, allow_private: bool = True) -> int:
    client = OutgoingClient(allow_private=allow_private, jitter=lambda: 0.5)
    try:
        return Sender(clock=lambda: now, client=client).run()
    finally:
        client.close()


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
    block = block_row("webhook", {"url": server.url, "headers": {"X-Key": "t0k3n!"}})
    run = sent({"type": "call-webhook", "block_document_id": str(block.pk), "payload": "x"})

    assert server.received[0][1]["x-key"] == "t0k3n!"
    assert run.result["response_body"] == "******** ********"
    shown = str([run.result, run.request, [event.payload for event in outbox_events()]])
    assert "t0k3n!" not in shown
    assert "s3cr3t" not in shown
    assert "a=b" not in shown


def test_a_notification_has_its_services_form(server: Server) -> None:
    block = block_row("slack-webhook", {"url": server.url})
    action = {
        "type": "send-notification",
        "block_document_id": str(block.pk),
        "subject": "{{ automation.name }}",
        "body": "for {{ event.resource.id }}",
    }
    assert sent(action).state == "done"

    assert server.received[0][2] == '{"text": "*on order*\\n\\nfor shop.order.7"}'


def test_a_notification_of_slacks_form_is_written_by_apprise(server: Server) -> None:
    url = server.url.replace("/hook/s3cr3t", "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXr")
    block = block_row("slack-webhook", {"url": url, "notify_type": "failure"})
    run = sent({"type": "send-notification", "block_document_id": str(block.pk), "body": "x"})

    [(path, headers, body)] = server.received
    assert (run.state, path) == ("done", "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXr")
    assert json.loads(body)["attachments"][0]["text"] == "x"
    assert headers["idempotency-key"] == f"{run.firing_id}:0"


def mattermost(server: Server, **more: Any) -> dict[str, Any]:
    port = int(server.url.split(":")[2].split("/")[0])
    data = {"hostname": "127.0.0.1", "port": port, "token": "a" * 24, "channels": ["a", "b", "c"]}
    block = block_row("mattermost-webhook", data | more)
    return {"type": "send-notification", "block_document_id": str(block.pk), "body": "x"}


def test_each_recipient_gets_the_message_with_a_key_of_its_own(server: Server) -> None:
    run = sent(mattermost(server))

    assert (run.state, run.host) == ("done", server.url.split("/")[2])
    assert [json.loads(body)["channel"] for _, _, body in server.received] == ["a", "b", "c"]
    assert server.keys == [f"{run.firing_id}:0{more}" for more in ("", ":1", ":2")]


def test_a_recipient_that_is_refused_keeps_it_from_nobody_else(server: Server) -> None:
    server.answers = [(200, {}, ""), (404, {}, "no such channel " + "a" * 24), (200, {}, "")]
    run = sent(mattermost(server))

    assert (run.state, run.reason, len(server.received)) == (
        "rejected",
        "The answer was 404 Not Found.",
        3,
    )
    assert "a" * 24 not in str(run.result)


def test_a_busy_service_is_sent_all_of_it_again(server: Server) -> None:
    server.answers = [(200, {}, ""), (503, {}, ""), (200, {}, "")]
    run = sent(mattermost(server))

    assert (run.state, len(server.received)) == ("sending", 2)
    send(NOW + timedelta(minutes=1))
    run.refresh_from_db()
    assert (run.state, len(server.received)) == ("done", 5)


def test_a_notification_goes_to_no_private_address(server: Server) -> None:
    [run] = fired(mattermost(server))
    dispatch()
    send(allow_private=False)

    run.refresh_from_db()
    assert (run.state, server.received) == ("rejected", [])
    assert "`127.0.0.1` is a private address" in str(run.reason)


def test_a_notification_goes_by_mail() -> None:
    with mail_serving() as server:
        data = {
            "smtp_server": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_type": "INSECURE",
            "sender_email": "flint@example.org",
            "to_emails": ["ops@example.org"],
        }
        block = block_row("email", data)
        run = sent({"type": "send-notification", "block_document_id": str(block.pk), "body": "x"})

    assert (run.state, run.host, len(server.messages)) == (
        "done",
        f"127.0.0.1:{server.port}",
        1,
    )


def test_a_block_that_its_service_would_not_take_is_refused_without_its_secrets() -> None:
    data = {"account_sid": "bad", "auth_token": "t0k3n!!", "from_phone_number": "+1",
            "to_phone_numbers": ["+15555555555"]}  # fmt: skip
    block = block_row("twilio-sms", data)
    run = sent({"type": "send-notification", "block_document_id": str(block.pk), "body": "x"})

    assert (run.state, run.host) == ("rejected", "api.twilio.com:443")
    assert str(run.reason).startswith("It cannot be sent: An invalid Twilio Account SID")
    assert "t0k3n!!" not in str(run.reason)


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
    [claimed] = outgoing.claim(10, per_host=5, now=NOW, until=NOW + LEASE)
    client = OutgoingClient(allow_private=True)
    key = f"{run.firing_id}:0"
    from triggers_app.delivery.calls import Call
    from triggers_app.delivery.http_request import call_for

    call = call_for(run.action, claimed.request, None)
    assert isinstance(call, Call)
    client.send(call, key=key, tries=1, now=NOW)
    client.close()  # and here it dies

    assert send(NOW + LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + LEASE) == 1
    run.refresh_from_db()
    assert server.keys == [key, key]
    assert (run.state, run.attempts) == ("done", 2)


def test_who_lost_its_lease_settles_nothing(server: Server) -> None:
    [run] = fired(webhook(server))
    dispatch()
    [late] = outgoing.claim(10, per_host=5, now=NOW, until=NOW + LEASE)
    send(NOW + LEASE)

    assert not outgoing.finish(late, state="rejected", reason="too late")
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
    block = block_row("webhook", {})
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


def waiting(server_url: str, count: int) -> list[ActionRun]:
    """So many deliveries to one address, rendered and due."""
    runs = [fired({"type": "call-webhook", "url": server_url})[0] for _ in range(count)]
    dispatch()
    return runs


def test_slow_deliveries_never_hold_fast_ones(server: Server) -> None:
    client = OutgoingClient(allow_private=True, deadline_seconds=3)
    with slow_server("headers") as slow:
        waiting(slow.url, 30)
        fast = waiting(server.url, 30)
        began = time.monotonic()
        sender = Sender(clock=lambda: NOW, client=client, stops=lambda: all_done(fast))
        sender.run()
        seconds = time.monotonic() - began
    client.close()

    assert len(server.received) == 30
    assert seconds < 3 + STOP_SECONDS  # before the first of the slow ones came to its end
    assert slow.most_at_once == PER_HOST


def all_done(runs: list[ActionRun]) -> bool:
    ids = [run.pk for run in runs]
    return not ActionRun.objects.filter(pk__in=ids).exclude(state="done").exists()


def test_what_becomes_due_meanwhile_is_sent_at_once(server: Server) -> None:
    client = OutgoingClient(allow_private=True, deadline_seconds=4)
    late: list[ActionRun] = []

    def stops() -> bool:
        if slow.requests and not late:
            late.extend(waiting(server.url, 1))
            sender.poke()
        return bool(late) and all_done(late)

    with slow_server("silent") as slow:
        waiting(slow.url, 1)
        sender = Sender(clock=lambda: NOW, client=client, stops=stops)
        began = time.monotonic()
        sender.run()
    client.close()

    assert len(server.received) == 1
    assert time.monotonic() - began < 4 + STOP_SECONDS


def test_a_process_that_stops_gives_back_what_is_under_way() -> None:
    client = OutgoingClient(allow_private=True)
    with slow_server("silent") as slow:
        [run] = waiting(slow.url, 1)
        sender = Sender(clock=lambda: NOW, client=client, stops=lambda: slow.requests > 0)
        began = time.monotonic()
        sender.run()
    client.close()

    run.refresh_from_db()
    assert time.monotonic() - began < STOP_SECONDS + 3
    assert (run.state, run.lease_until, run.not_before) == ("sending", None, NOW)
    assert run.reason == "Its process was stopped while it was sent."
