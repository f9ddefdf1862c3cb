"""What is in the list, counted and as filters, and `fate:fired`."""

import html as markup
import re

import pytest
from django.test import Client

from events_app.reads import facets as reads
from tests.web import scene

RELATED = [{"prefect.resource.id": "tag.eu", "prefect.resource.role": "tag"}]


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    for number in range(3):
        scene.event("orders.landed", seq=number, related=RELATED)
    fired = scene.event("orders.shipped", seq=3)
    scene.firing(scene.automation(), fired)


def lines(client: Client, query: str = "") -> dict[str, tuple[str, str]]:
    """Word → count and address."""
    page = markup.unescape(client.get(f"/events/facets/?{query}").content.decode())
    pattern = r'href="([^"]+)" title="([^"]+)"(?: aria-current="true")?><span.*?"count">(\d+)<'
    return {word: (count, address) for address, word, count in re.findall(pattern, page)}


def test_names_labels_related_and_fate_are_counted(viewer: Client) -> None:
    counts = {word: count for word, (count, _) in lines(viewer).items()}

    assert counts == {
        "orders.landed": "3", "orders.shipped": "1", "fired": "1", "acme": "4", "tag.eu": "3",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "then"),
    [("orders.landed", "name%3Aorders.landed"), ("fired", "fate%3Afired"),
     ("acme", "label.customer%3Dacme"), ("tag.eu", "related%3Atag.eu")],
)  # fmt: skip
def test_a_facet_adds_to_the_query_and_finds_as_many(word: str, then: str, viewer: Client) -> None:
    count, address = lines(viewer, "q=last:1h")[word]

    answer = viewer.get(address, follow=True)

    assert answer.request["QUERY_STRING"] == f"q=last%3A1h+{then}"
    assert answer.content.decode().count('<a class="name mono"') == int(count) + (
        'id="feed-row"' in answer.content.decode()
    )


def test_a_label_with_a_value_for_nearly_each_event_is_no_facet(viewer: Client) -> None:
    for number in range(80):
        labels = {"order": f"o-{number // 2}", "half": f"h-{number % 2}"}
        scene.event(seq=10 + number, labels=labels)

    words = lines(viewer)

    assert ("h-1" in words, "o-1" in words) == (True, False)


def test_a_facet_that_holds_is_taken_away(viewer: Client) -> None:
    _, address = lines(viewer, "q=name:orders.landed -zzz")["orders.landed"]

    assert address == "/events/?q=-zzz"


def test_they_say_what_they_are_counted_in(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    every = viewer.get("/events/facets/").content.decode()
    monkeypatch.setattr(reads, "LOOKED_AT", 2)
    newest = viewer.get("/events/facets/").content.decode()

    assert "Of all 4 events of this list" in every
    assert "Of the newest 2 events of this list" in newest


@pytest.mark.parametrize(
    ("query", "names"),
    [("fate:fired", ["orders.shipped"]), ("-fate:fired", ["orders.landed"] * 3),
     ("fate:fired name:orders.landed", []), ("fate:fired until:2026-11-01", [])],
    ids=["fired", "not", "another name", "another time"],
)  # fmt: skip
def test_events_are_found_by_what_they_did(query: str, names: list[str], viewer: Client) -> None:
    page = viewer.get("/events/", {"q": query}).content.decode()

    assert re.findall(r'href="/events/[^"]+/">([a-z.]+)</a>', page) == names
    assert ("Not live" in page, "data-feed" in page) == (True, False)


def test_a_fate_is_fired(viewer: Client) -> None:
    answer = viewer.get("/events/", {"q": "fate:lost"})

    assert (answer.status_code, "write fate:fired" in answer.content.decode()) == (422, True)
