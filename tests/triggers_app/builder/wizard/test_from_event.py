"""From an event to a draft: the ladder with its numbers."""

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import Event, EventCount
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import Draft

LADDER, BEGIN = reverse("builder:from-event"), reverse("builder:begin-event")
TAGS = [{"prefect.resource.id": "prefect.tag.prod", "prefect.resource.role": "tag"}]


def said(response: Any) -> str:
    return html.unescape(response.content.decode())


def seen(name: str, *ids: str, related: Any = None) -> list[Event]:
    """Events of a name, counted as the recorder counts them; the last id came last."""
    found = [
        scene.event(name, resource_id=id_, seq=seq, related=related,
                    received=scene.NOW - timedelta(seconds=len(ids) - seq))
        for seq, id_ in enumerate(ids)
    ]  # fmt: skip
    day = found[-1].occurred.date()
    EventCount.objects.create(event=name, log_day=day, events=len(ids))
    return found


@pytest.fixture
def landed(db: None) -> Event:
    name = f"orders{uuid4().hex[:6]}.file.landed".replace("0", "o")
    ids = ["s3://in/acme/1.csv", "s3://in/zeta/2.csv", "s3://in/zeta/3.csv", "s3://in/acme/4.csv"]
    return seen(name, *ids, related=TAGS)[-1]


def rungs(text: str) -> list[str]:
    """What is ticked, by the values of its fields."""
    parts = text.split("<input ")[1:]
    chosen = [part for part in parts if " checked" in part.split(">")[0]]
    return [part.split('value="')[1].split('"')[0] for part in chosen]


def test_the_newest_event_of_a_name_is_climbed_from(editor: Client, landed: Event) -> None:
    text = said(editor.get(LADDER, {"name-of": landed.event}))

    assert landed.resource_id in text
    assert "will never repeat" in text
    assert rungs(text) == [landed.event, "s3://in/acme/*.csv"]


def test_numbers_stand_beside_every_step(editor: Client, landed: Event) -> None:
    text = said(editor.get(LADDER, {"event": str(landed.id)}))

    counts = [part.split("</span>")[0] for part in text.split('<span class="rung-count">')[1:]]
    # Three names, five resources, one tag; then labels with their values.
    assert counts[3:9] == ["1", "2", "2", "4", "4", "4"]
    assert "4 values" in counts


def test_a_choice_is_counted_while_it_is_made(editor: Client, landed: Event) -> None:
    asked = {"event": str(landed.id), "name": landed.event, "resource": "s3://in/*"}

    text = said(editor.get(LADDER, asked, headers=HTMX))

    assert text.lstrip().startswith('<div class="ladder-outcome"')
    assert "<html" not in text
    assert "happens for s3://in/*." in text
    assert "<strong>4</strong> of 4 events" in text


def test_pinning_one_thing_is_warned_of(editor: Client, landed: Event) -> None:
    asked = {"event": str(landed.id), "name": landed.event, "resource": landed.resource_id}

    text = said(editor.get(LADDER, asked, headers=HTMX))

    assert "it will never fire again" in text


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "without a script"])
def test_the_choice_becomes_a_draft_that_looks_at_the_event(
    editor: Client, landed: Event, headers: dict[str, str]
) -> None:
    asked = {
        "event": str(landed.id), "name": landed.event, "resource": "s3://in/*",
        "related": "0", "each": "customer",
    }  # fmt: skip

    response = editor.post(BEGIN, asked, headers=headers)

    draft = Draft.objects.get()
    trigger = draft.document["trigger"]
    assert (trigger["expect"], trigger["for_each"]) == ([landed.event], ["customer"])
    assert trigger["match"] == {"prefect.resource.id": "s3://in/*"}
    assert trigger["match_related"]["prefect.resource.id"] == "prefect.tag.prod"
    assert draft.chosen["event"] == {"id": str(landed.id)}
    address = response.headers.get("HX-Redirect") or response.headers["Location"]
    assert address == reverse("builder:page", args=[draft.pk])


@pytest.mark.parametrize(
    "choice",
    [
        {"name": "something.else", "resource": "*"},
        {"name": "", "resource": ""},
        {"name": "x" * 5_000, "related": "99999999999", "each": "nothing"},
    ],
    ids=["not offered", "empty", "nonsense"],
)
def test_what_was_not_offered_is_not_taken(
    editor: Client, landed: Event, choice: dict[str, str]
) -> None:
    editor.post(BEGIN, {"event": str(landed.id), **choice})

    assert Draft.objects.get().document["trigger"]["expect"] == [landed.event]


@pytest.mark.parametrize(
    "asked",
    [{}, {"event": "x"}, {"event": str(uuid4())}, {"name-of": "never.seen"}],
    ids=["nothing", "no id", "gone", "no such name"],
)
def test_an_event_that_is_not_there_is_not_found(editor: Client, asked: dict[str, str]) -> None:
    assert editor.get(LADDER, asked).status_code == 404
    assert editor.post(BEGIN, asked).status_code == 404


def test_only_editors_climb(viewer: Client, landed: Event) -> None:
    assert viewer.get(LADDER, {"event": str(landed.id)}).status_code == 403
    assert "create-trigger" not in said(viewer.get(f"/events/{landed.id}/"))


def test_an_event_leads_to_its_ladder(editor: Client, landed: Event) -> None:
    text = said(editor.get(f"/events/{landed.id}/"))

    assert f"{LADDER}?event={landed.id}" in text
    assert 'data-key="c"' in text


def test_a_ladder_takes_few_queries(
    editor: Client, landed: Event, django_assert_max_num_queries: Any
) -> None:
    # Session and user, the event, its like; names, kinds and samples of numbers.
    with django_assert_max_num_queries(16):
        editor.get(LADDER, {"event": str(landed.id)})
