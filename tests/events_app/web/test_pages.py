import gzip

import pytest
from django.test import Client

from tests.web import scene


def test_event_shows_what_it_carries(viewer: Client, db: None) -> None:
    event = scene.event(payload={"rows": 5210}, related=[{"prefect.resource.id": "tag:eu"}])

    html = viewer.get(f"/events/{event.id}/").content.decode()

    assert "&#34;rows&#34;: 5210" in html
    assert '<span class="key">rows</span><code class="value">5210</code>' in html
    assert "tag:eu" in html
    assert f'hx-get="/firings/chain/?event={event.id}"' in html


def test_event_whose_name_is_markup_is_shown_as_text(viewer: Client, db: None) -> None:
    event = scene.event("<script>alert(1)</script>", resource_id="<img src=x>")

    for address in ("/", "/events/", f"/events/{event.id}/"):
        html = viewer.get(address).content.decode()
        assert ("<script>alert" in html, "<img" in html) == (False, False)


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.b", ["a.b"]), ("a.*", ["a.b", "a.c"]), ("*", ["a.b", "a.c", "b"]), ("%", []), ("a_b", [])],
)
def test_events_are_found_by_name_and_by_its_beginning(
    name: str, found: list[str], viewer: Client, db: None
) -> None:
    for number, known in enumerate(("a.b", "a.c", "b")):
        scene.event(known, seq=number)

    html = viewer.get("/events/", {"name": name}).content.decode()

    assert [known for known in ("a.b", "a.c", "b") if f">{known}</a>" in html] == found


def test_filter_that_finds_nothing_says_so(viewer: Client, db: None) -> None:
    html = viewer.get("/events/", {"name": "<none>"}).content.decode()

    assert "No event fits this filter." in html


def test_older_events_are_a_page_away(viewer: Client, db: None) -> None:
    for number in range(51):
        scene.event(f"e{number:02}", seq=number)

    first = viewer.get("/events/").content.decode()
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = viewer.get(address).content.decode()

    assert (">e00</a>" in first, ">e00</a>" in second, ">e01</a>" in second) == (False, True, False)


def test_empty_list_offers_a_command_to_copy(viewer: Client, db: None) -> None:
    html = viewer.get("/events/").content.decode()

    assert 'data-copy="python manage.py emit_event' in html


def test_a_long_payload_is_fetched_on_demand(viewer: Client, db: None) -> None:
    payload = {"rows": [{"number": n, "note": 'a "note"'} for n in range(4000)]}
    event = scene.event(payload=payload)

    page = viewer.get(f"/events/{event.id}/")
    whole = viewer.get(f"/events/{event.id}/payload/", headers={"HX-Request": "true"})

    assert len(page.content) < 100_000
    assert f'hx-get="/events/{event.id}/payload/"' in page.content.decode()
    assert ("3999" in page.content.decode(), "3999" in whole.content.decode()) == (False, True)


@pytest.mark.parametrize(
    "payload",
    [{str(n): '"' for n in range(290)}, {"a": ['"' * 10] * 280}, {"text": '"' * 5900},
     {str(n): n for n in range(20_000)}, {"text": "a" * 200_000}],
    ids=range(5),
)  # fmt: skip
def test_no_payload_makes_a_page_of_over_100_kb(
    payload: dict[str, object], viewer: Client, db: None
) -> None:
    event = scene.event(payload=payload)

    assert len(viewer.get(f"/events/{event.id}/").content) < 100_000


@pytest.mark.parametrize("text", ["x", '"', "é", "\U0001f525"], ids=["plain", "marks", "é", "sign"])
def test_no_event_makes_a_page_of_over_100_kb_or_60_compressed(
    text: str, viewer: Client, db: None
) -> None:
    long = text * (2_000 // len(text.encode()))
    event = scene.event(
        payload={f"{n}{text}": long for n in range(90)}, resource_id=long,
        labels={f"{n}{text * 50}": long for n in range(90)},
        related=[
            {"prefect.resource.id": f"{n}{long}", "prefect.resource.role": text, "more": long}
            for n in range(100)
        ],
    )  # fmt: skip

    content = viewer.get(f"/events/{event.id}/").content

    assert len(content) < 100_000
    assert len(gzip.compress(content)) < 40_000
    assert "labels are listed." in content.decode()


def test_a_long_value_is_cut_and_is_no_filter(viewer: Client, db: None) -> None:
    event = scene.event(labels={"long": "x" * 301, "short": "x" * 300})

    html = viewer.get(f"/events/{event.id}/").content.decode()

    assert f"<code>{'x' * 300} …</code>" in html
    assert f'?label=short%3D{"x" * 300}"' in html


def test_payload_of_many_entries_begins_folded(viewer: Client, db: None) -> None:
    few = scene.event(payload={str(n): n for n in range(50)})
    many = scene.event(payload={str(n): n for n in range(51)}, seq=1)

    pages = [viewer.get(f"/events/{one.id}/").content.decode() for one in (few, many)]

    assert ['<details class="tree" open>' in page for page in pages] == [True, False]


def test_related_resources_are_lines(viewer: Client, db: None) -> None:
    related = {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow"}
    event = scene.event(related=[related | {"prefect.resource.name": "nightly"}])

    html = viewer.get(f"/events/{event.id}/").content.decode()

    assert '<td class="nowrap">flow</td><td data-label="Name">nightly</td>' in html
    assert 'href="/events/?related=prefect.flow.1"' in html


def test_rows_say_what_their_events_did(viewer: Client, db: None) -> None:
    event = scene.event()
    scene.firing(scene.automation(), event)

    html = viewer.get("/events/").content.decode()

    assert "1 fired" in html.split("<tbody")[1]
