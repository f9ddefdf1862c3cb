"""What Apprise has services sent, without anything being sent."""

import json
import logging
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from triggers_app.delivery.apprise_requests import NotWritten, known_host, requests_for
from triggers_app.delivery.calls import Call

TEAMS = (
    "https://prod-00.west.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
)
SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
BLOCKS: dict[str, dict[str, Any]] = {
    "slack-webhook": {"url": SLACK},
    "ms-teams-webhook": {"url": TEAMS},
    "discord-webhook": {"webhook_id": "1234567890", "webhook_token": "abcd" * 10},
    "mattermost-webhook": {"hostname": "chat.example.org", "token": "abcdefghijklmnopqrstuvwx"},
    "pager-duty-webhook": {"integration_key": "i" * 32, "api_key": "k" * 20, "region_name": "eu"},
    "opsgenie-webhook": {"apikey": "8b799edf-6f98-4d3a-9be7-2862fb4e5752", "target_team": ["ops"]},
    "twilio-sms": {
        "account_sid": "AC" + "a" * 32,
        "auth_token": "b" * 32,
        "from_phone_number": "+15555555555",
        "to_phone_numbers": ["+14444444444", "+13333333333"],
    },
    "sendgrid-email": {
        "api_key": "abc123-xyz",
        "sender_email": "flint@example.org",
        "to_emails": ["ops@example.org"],
    },
}
URLS = {
    "slack-webhook": SLACK,
    "ms-teams-webhook": TEAMS,
    "discord-webhook": f"https://discord.com/api/webhooks/1234567890/{'abcd' * 10}",
    "mattermost-webhook": "http://chat.example.org:8065/hooks/abcdefghijklmnopqrstuvwx",
    "pager-duty-webhook": "https://events.eu.pagerduty.com/v2/enqueue",
    "opsgenie-webhook": "https://api.opsgenie.com/v2/alerts",
    "twilio-sms": f"https://api.twilio.com/2010-04-01/Accounts/AC{'a' * 32}/Messages.json",
    "sendgrid-email": "https://api.sendgrid.com/v3/mail/send",
}


def calls(
    slug: str, *, subject: str = "Late", body: str = "It is <late>.", **more: Any
) -> list[Call]:
    written = requests_for(slug, BLOCKS[slug] | more, subject=subject, body=body)
    assert written is not None
    return written


@pytest.fixture(autouse=True)
def nothing_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("Apprise sends by itself.")

    monkeypatch.setattr(requests.Session, "send", refuse)


@pytest.mark.parametrize("slug", BLOCKS)
def test_each_service_gets_subject_and_body_at_its_own_address(slug: str) -> None:
    [first, *_] = calls(slug)

    said = json.dumps(parse_qs(first.body)) if slug == "twilio-sms" else first.body
    assert (first.method, first.url) == ("POST", URLS[slug])
    assert "Late" in said
    assert "It is <late>." in said or "It is &lt;late&gt;." in said


def test_a_message_for_several_is_several_requests() -> None:
    numbers = [parse_qs(each.body)["To"] for each in calls("twilio-sms")]
    channels = [
        json.loads(each.body)["channel"]
        for each in calls("mattermost-webhook", channels=["a", "b"])
    ]

    assert numbers == [["+14444444444"], ["+13333333333"]]
    assert channels == ["a", "b"]


def test_an_incident_has_the_subject_as_its_summary() -> None:
    payload = json.loads(calls("pager-duty-webhook")[0].body)["payload"]
    alone = json.loads(calls("pager-duty-webhook", subject="", body="Down")[0].body)["payload"]

    assert payload["summary"] == "Late"
    assert payload["custom_details"] == {"Prefect Notification Body": "It is <late>."}
    assert alone["summary"] == "Down"


def test_a_body_cannot_bring_markup_into_an_email() -> None:
    [content] = json.loads(calls("sendgrid-email")[0].body)["content"]

    assert content == {"type": "text/html", "value": "It is &lt;late&gt;."}


@pytest.mark.parametrize("slug", ["slack-webhook", "ms-teams-webhook", "discord-webhook"])
def test_an_address_that_apprise_does_not_know_is_left_to_flint(slug: str) -> None:
    data = {"url": "https://chat.example.org/hooks/1"}

    assert requests_for(slug, data, subject="s", body="b") is None


def test_an_address_of_discord_is_as_good_as_its_parts() -> None:
    data = {"url": URLS["discord-webhook"]}
    [call] = requests_for("discord-webhook", data, subject="s", body="b") or []

    assert call.url == URLS["discord-webhook"]


@pytest.mark.parametrize(
    ("slug", "changed"),
    [
        ("twilio-sms", {"account_sid": "bad"}),
        ("twilio-sms", {"to_phone_numbers": []}),
        ("twilio-sms", {"to_phone_numbers": ["x"]}),
        ("sendgrid-email", {"to_emails": "ops@example.org"}),
        ("pager-duty-webhook", {"region_name": "mars"}),
        ("mattermost-webhook", {"token": ""}),
        ("twilio-sms", {"to_phone_numbers": [f"+1444444{place:04}" for place in range(51)]}),
    ],
    ids=str,
)
def test_what_cannot_be_sent_is_refused_before(
    slug: str, changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(NotWritten):
        calls(slug, **changed)

    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


@pytest.mark.parametrize("slug", BLOCKS)
def test_hosts_are_known_before_anything_is_written(slug: str) -> None:
    if "url" not in BLOCKS[slug]:
        host = known_host(slug, BLOCKS[slug]).split(":")[0].removeprefix("events.")
        assert host.removesuffix(".com") in URLS[slug]
