"""What a row of the list opens, and adding a value of it to the query."""

import pytest
from django.test import Client

from tests.web import scene
from tests.web.fixtures import HTMX

RELATED = [{"prefect.resource.id": "prefect.tag.eu", "prefect.resource.role": "tag"}]


def test_detail_offers_every_value_as_a_filter_of_the_same_query(viewer: Client, db: None) -> None:
    event = scene.event("a.b", payload={"rows": 3}, related=RELATED)

    html = viewer.get(f"/events/{event.id}/detail/?q=last:1h", headers=HTMX).content.decode()

    for term in ("payload.rows=3", "label.customer=acme", "related:prefect.tag.eu"):
        assert f'name="add" value="{term}"' in html
        assert f'name="add" value="-{term}"' in html
    assert '<input type="hidden" name="q" value="last:1h">' in html
    assert 'data-copy="event.payload.rows"' in html


def test_only_who_may_edit_is_offered_a_trigger(viewer: Client, editor: Client, db: None) -> None:
    event = scene.event()

    pages = [one.get(f"/events/{event.id}/detail/", headers=HTMX) for one in (viewer, editor)]

    offers = [f"/from-event/?event={event.id}" in one.content.decode() for one in pages]
    assert offers == [False, True]


def test_an_event_that_is_not_recorded_yet_is_waited_for(viewer: Client, db: None) -> None:
    address = f"/events/{scene.NOBODY}/detail/"

    html = viewer.get(address, headers=HTMX).content.decode()

    assert (f'hx-get="{address}"' in html, "about to be recorded" in html) == (True, True)
    assert "<h1>On its way</h1>" in viewer.get(address).content.decode()


@pytest.mark.parametrize(
    ("query", "add", "then"),
    [
        ("", "payload.rows=3", "payload.rows=3"),
        ("name:a.* x", "name:a.b", "x name:a.b"),
        ("-name:c name:a.*", "name:a.b", "-name:c name:a.b"),
        ("label.a=1 label.b=2", "label.a=3", "label.b=2 label.a=3"),
        ("name:a.b", "-label.a=1", "name:a.b -label.a=1"),
        ("payload.rows>2", "payload.rows=3", "payload.rows>2 payload.rows=3"),
        ("name:a.b", "name:a.b", "name:a.b"),
    ],
    ids=["first", "narrower", "excluded", "label", "without", "range", "again"],
)
def test_a_value_that_is_added_narrows_the_query(
    query: str, add: str, then: str, viewer: Client, db: None
) -> None:
    answer = viewer.get("/events/", {"q": query, "add": add}, follow=True)

    assert answer.redirect_chain
    assert answer.request["QUERY_STRING"].startswith("q=")
    html = answer.content.decode()
    escaped = then.replace(">", "&gt;")
    assert f'name="q" type="search" value="{escaped}"' in html


def test_what_cannot_be_added_is_refused(viewer: Client, db: None) -> None:
    assert viewer.get("/events/", {"add": "nme:x"}).status_code == 422
