"""Saved views of the list of events: a query under a name, for one person."""

import re
from typing import Any

import pytest
from django.test import Client

from events_app.web.saved_views import MOST
from tests.web.fixtures import HTMX

QUERY = "name:orders.*"


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    pass


def change(client: Client, do: str, **posted: str) -> Any:
    return client.post("/events/views/", {"query": QUERY, "do": do, **posted}, headers=HTMX)


def views(client: Client) -> list[tuple[str, str]]:
    """Names and addresses on the page."""
    html = client.get("/events/").content.decode()
    pattern = (
        r'class="facet view-chip" id="view-\d+" href="([^"]+)" title="[^"]*">'
        r'<span class="clip">([^<]+)<'
    )
    return [(name, address) for address, name in re.findall(pattern, html)]


def test_a_query_is_saved_and_is_a_link(viewer: Client, editor: Client) -> None:
    html = change(viewer, "save", name="Orders").content.decode()

    assert 'aria-current="true"' in html
    assert "Change this view" in html
    assert views(viewer) == [("Orders", "/events/?q=name%3Aorders.%2A")]
    assert views(editor) == []


def test_a_name_that_is_there_gets_the_new_query(viewer: Client) -> None:
    change(viewer, "save", name="Orders")
    change(viewer, "save", name="Orders", query="last:1h")

    assert views(viewer) == [("Orders", "/events/?q=last%3A1h")]


def test_a_view_is_renamed_in_its_place(viewer: Client) -> None:
    change(viewer, "save", name="One")
    change(viewer, "save", name="Two", query="last:1h")
    change(viewer, "rename", old="One", name="First")

    assert [name for name, _ in views(viewer)] == ["First", "Two"]


def test_a_deleted_view_comes_back_to_its_place(viewer: Client) -> None:
    change(viewer, "save", name="One")
    change(viewer, "save", name="Two", query="last:1h")

    html = change(viewer, "delete", old="One").content.decode()
    left = views(viewer)
    toast = html.split('id="toasts"')[1]
    change(viewer, **dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', toast)[-4:]))

    assert [name for name, _ in left] == ["Two"]
    assert [name for name, _ in views(viewer)] == ["One", "Two"]


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [({"name": " "}, "Give the view a name"), ({"name": "x" * 61}, "Give the view a name"),
     ({"name": "x", "query": ""}, "A view needs a query"),
     ({"name": "x", "query": "nme:x"}, "A view needs a query"),
     ({"do": "rename", "old": "One", "name": "Two"}, "Another view is called Two.")],
    ids=["no name", "long name", "no query", "wrong query", "taken"],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused(
    posted: dict[str, str], sentence: str, viewer: Client
) -> None:
    change(viewer, "save", name="One")
    change(viewer, "save", name="Two", query="last:1h")
    before = views(viewer)

    answer = change(viewer, **{"do": "save", **posted})

    assert (answer.status_code, views(viewer)) == (422, before)
    assert sentence in answer.content.decode()


def test_there_is_an_end_to_views(viewer: Client) -> None:
    for number in range(MOST):
        change(viewer, "save", name=f"View {number}", query=f"payload.n={number}")

    answer = change(viewer, "save", name="One more")

    assert (answer.status_code, len(views(viewer))) == (422, MOST)


def test_without_a_script_it_leads_back_to_the_list(viewer: Client) -> None:
    posted = {"query": QUERY, "name": "Orders", "do": "save", "back": "/events/?q=name:orders.*"}

    answer = viewer.post("/events/views/", posted)

    assert answer.headers["Location"] == "/events/?q=name:orders.*"
    assert "Saved the view Orders." in viewer.get("/events/").content.decode()
