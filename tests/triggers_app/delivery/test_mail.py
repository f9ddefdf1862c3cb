"""E-mail by SMTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.triggers_app.delivery.mail_server import MailServer, mail_serving
from triggers_app.delivery.http import Ending, OutgoingClient
from triggers_app.delivery.mail import NoMail, mail_call
from triggers_app.delivery.results import Delivered, Rejected, TryAgain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATA: dict[str, Any] = {
    "smtp_server": "127.0.0.1",
    "smtp_type": "INSECURE",
    "sender_email": "Flint <flint@example.org>",
    "to_emails": ["ops@example.org", "on-call@example.org"],
}


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_serving() as noted:
        yield noted


def sent(port: int, *, allow_private: bool = True, seconds: float = 5, **more: Any) -> Ending:
    client = OutgoingClient(
        allow_private=allow_private, jitter=lambda: 0.5, deadline_seconds=seconds
    )
    call = mail_call(DATA | {"smtp_port": port} | more, subject="It is\nlate", body="Grüße\n.x")
    try:
        return client.send(call, key="f:0", tries=1, now=NOW)
    finally:
        client.close()


def test_a_message_reaches_everybody_with_one_id(server: MailServer) -> None:
    ending = sent(server.port)

    [message] = server.messages
    assert isinstance(ending, Delivered)
    assert ending.result == {"response_body": "taken"}
    assert "Subject: It is late\r\n" in message
    assert "Message-ID: <f.0@flint>\r\n" in message
    assert "To: ops@example.org, on-call@example.org\r\n" in message
    assert [line for line in server.commands if line.startswith("RCPT")] == [
        "RCPT TO:<ops@example.org>",
        "RCPT TO:<on-call@example.org>",
    ]


def test_who_has_a_user_signs_in(server: MailServer) -> None:
    sent(server.port, username="me", password="s3cr3t")

    assert any(line.startswith("AUTH PLAIN") for line in server.commands)


@pytest.mark.parametrize(
    ("answers", "kind", "reason"),
    [
        ({"MAIL": "451 later"}, TryAgain, "The server answered 451 later."),
        ({"MAIL": "550 never"}, Rejected, "The server answered 550 never."),
        ({"RCPT": "550 unknown"}, Rejected, "No recipient was taken: unknown"),
        ({"RCPT": "450 busy"}, TryAgain, "No recipient was taken: busy"),
        ({"AUTH": "535 wrong"}, Rejected, "The server answered 535 wrong."),
    ],
    ids=str,
)
def test_what_may_be_taken_later_is_tried_again(
    server: MailServer, answers: dict[str, str], kind: Any, reason: str
) -> None:
    server.answers = answers

    ending = sent(server.port, username="me", password="s3cr3t")

    assert isinstance(ending, kind)
    assert ending.reason == reason
    assert server.messages == []


def test_a_server_that_is_away_or_silent_is_tried_again(server: MailServer) -> None:
    server.answers = {"MAIL": ""}
    away = sent(1)
    began = datetime.now(UTC)
    silent = sent(server.port, seconds=0.5, to_emails=["ops@example.org"])

    assert isinstance(away, TryAgain) and "cannot be reached" in away.reason
    assert isinstance(silent, TryAgain | Rejected)
    assert datetime.now(UTC) - began < timedelta(seconds=4)


def test_no_private_address_is_written_to(server: MailServer) -> None:
    ending = sent(server.port, allow_private=False)

    assert isinstance(ending, Rejected)
    assert "`127.0.0.1` is a private address" in ending.reason
    assert server.commands == []


def test_encryption_is_not_done_without(server: MailServer) -> None:
    ending = sent(server.port, smtp_type="STARTTLS")

    assert isinstance(ending, Rejected)
    assert server.messages == []


@pytest.mark.parametrize(
    "changed",
    [
        {"to_emails": []},
        {"to_emails": "ops@example.org"},
        {"to_emails": ["nobody"]},
        {"to_emails": ["a@example.org\nBcc: b@example.org"]},
        {"to_emails": ["a@example.org, b@example.org"]},
        {"sender_email": "x"},
        {"smtp_type": "MAGIC"},
        {"smtp_port": 70_000},
        {"smtp_port": "x"},
    ],
    ids=str,
)
def test_what_is_no_mail_is_refused_before(changed: dict[str, Any]) -> None:
    with pytest.raises(NoMail):
        mail_call(DATA | changed, subject="s", body="b")


@pytest.mark.parametrize(("security", "port"), [("SSL", 465), ("STARTTLS", 587), (None, 465)])
def test_the_port_follows_from_the_security(security: str | None, port: int) -> None:
    call = mail_call(DATA | {"smtp_type": security}, subject="s", body="b")

    assert call.url == f"smtp://127.0.0.1:{port}"
