import json
from typing import Any

import pytest
from django.test import Client

from events_app.stream import log
from project.lib import redis_client
from tests.web import scene
from tests.web.fixtures import HTMX

SEND = "/events/new/send/"
GOOD = {
    "event": "order.created",
    "resource": "order.1",
    "label_name": ["customer", ""],
    "label_value": ["acme", ""],
    "related_role": ["tag"],
    "related_id": ["prefect.tag.eu"],
    "payload": '{"rows": 3}',
}


@pytest.fixture(autouse=True)
def empty_log() -> None:
    redis_client.client().flushdb()


def sent() -> list[dict[str, object]]:
    entries: Any = redis_client.client().xrange(log.LOG)
    return [event for _, fields in entries for event in json.loads(fields[b"f"])]


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_event_goes_into_the_log_as_it_was_typed(headers: dict[str, str], editor: Client) -> None:
    response = editor.post(SEND, GOOD, headers=headers)

    [event] = sent()
    assert event["resource"] == {"prefect.resource.id": "order.1", "customer": "acme"}
    assert event["payload"] == {"rows": 3}
    target = response.headers.get("HX-Redirect") or response.headers["Location"]
    assert target == f"/events/{event['id']}/arriving/"


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ({"event": ""}, "field-event"),
        ({"resource": " "}, "field-resource"),
        ({"payload": '{"a": }'}, "field-payload"),
        ({"payload": "[1]"}, "field-payload"),
        ({"payload": '{"a": "\\u0000"}'}, "field-payload"),
        ({"label_name": ["", ""]}, "field-label_name-1"),
        ({"related_role": [""]}, "field-related_role-1"),
        ({"event": "x\0y"}, "field-event"),
    ],
    ids=["name", "resource", "json", "no object", "nul", "label", "role", "nul in name"],
)
def test_wrong_field_is_named_and_nothing_is_sent(
    typed: dict[str, object], place: str, editor: Client
) -> None:
    response = editor.post(SEND, {**GOOD, **typed}, headers=HTMX)

    assert (response.status_code, sent()) == (422, [])
    assert f'<a href="#{place}">' in response.content.decode()


def test_preview_shows_the_event_and_sends_nothing(editor: Client) -> None:
    html = editor.post(SEND, {**GOOD, "do": "preview"}, headers=HTMX).content.decode()

    assert ("What would be sent" in html, "&#34;customer&#34;: &#34;acme&#34;" in html, sent()) == (
        True,
        True,
        [],
    )


def test_another_row_keeps_what_was_typed(editor: Client) -> None:
    html = editor.post(SEND, {**GOOD, "do": "label"}, headers=HTMX).content.decode()

    assert (html.count('name="label_name"'), 'value="acme"' in html) == (2, True)


def test_form_is_filled_from_an_event(editor: Client) -> None:
    event = scene.event("a.b", payload={"rows": 9}, resource_id="r.1")

    html = editor.get(f"/events/new/?like={event.id}").content.decode()

    assert ['value="a.b"' in html, 'value="r.1"' in html, "&#34;rows&#34;: 9" in html] == [True] * 3


@pytest.mark.parametrize("like", ["x", str(scene.NOBODY)])
def test_form_without_such_an_event_is_empty(like: str, editor: Client) -> None:
    assert editor.get(f"/events/new/?like={like}").status_code == 200


def test_event_is_awaited_until_it_is_recorded(editor: Client) -> None:
    waiting = editor.get(f"/events/{scene.NOBODY}/arriving/", headers=HTMX)
    event = scene.event()
    there = editor.get(f"/events/{event.id}/arriving/", headers=HTMX)

    assert "On its way" in editor.get(f"/events/{scene.NOBODY}/arriving/").content.decode()
    assert (waiting.status_code, there.headers["HX-Refresh"]) == (200, "true")


def test_viewer_may_neither_compose_nor_send(viewer: Client) -> None:
    assert viewer.get("/events/new/").status_code == 403
    assert (viewer.post(SEND, GOOD).status_code, sent()) == (403, [])
