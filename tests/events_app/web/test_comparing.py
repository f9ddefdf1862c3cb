"""The page that compares two events."""

import html
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import Event
from tests.web import scene


def page(client: Client, event: Any, **query: str) -> Any:
    return client.get(reverse("events:compare", args=[event.id]), query)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_it_is_compared_with_the_one_before_of_the_same_name(viewer: Client, db: None) -> None:
    scene.event(seq=1, received=scene.ago(300), payload={"rows": 1})
    before = scene.event(seq=2, received=scene.ago(60), payload={"rows": 7, "same": "x"})
    scene.event("another.name", seq=3, received=scene.ago(30))
    event = scene.event(seq=4, payload={"rows": 8, "same": "x"})

    response = page(viewer, event)

    assert response.status_code == 200
    assert "the event of this name before it" in text_of(response)
    assert f"/events/{before.id}/" in text_of(response)
    assert '<td class="path">rows</td><td data-label="Before"><code>7</code></td>' in text_of(
        response
    )
    assert "1 difference, 1 equal" in text_of(response)


def test_any_other_event_can_be_named(viewer: Client, db: None) -> None:
    other = scene.event("another.name", seq=1, received=scene.ago(60))
    event = scene.event(seq=2)

    text = text_of(page(viewer, event, **{"with": str(other.id)}))

    assert "another event, of another name" in text
    assert "another.name" in text


@pytest.mark.parametrize(
    ("named", "words"),
    [("x", "not the id of an event"), (str(uuid4()), "not any more")],
    ids=["no id", "unknown"],
)
def test_what_cannot_be_compared_is_said_at_the_field(
    named: str, words: str, viewer: Client, db: None
) -> None:
    response = page(viewer, scene.event(), **{"with": named})

    assert response.status_code == 422
    assert words in text_of(response)
    assert f'value="{named}"' in text_of(response)


def test_the_first_of_its_name_has_none_before(viewer: Client, db: None) -> None:
    response = page(viewer, scene.event())

    assert response.status_code == 200
    assert "No event of this name came before." in text_of(response)


@pytest.mark.parametrize("text", ["x" * 60, '"<&>' * 200, "é" * 150], ids=["plain", "marks", "é"])
def test_200_kb_against_200_kb_stay_a_page_of_100(text: str, viewer: Client, db: None) -> None:
    for seq, mark in ((1, "x"), (2, "y")):
        scene.event(seq=seq, payload={f"<{n}>": mark + text for n in range(200_000 // len(text))})

    response = page(viewer, Event.objects.get(log_seq=2))

    assert len(response.content) < 100_000
    assert "more differences" in text_of(response)
