"""What an event did to all automations, on its page; and to one, on the automation's own tab."""

from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from project.lib.json_documents import Document
from tests.menagerie import event, ms, named, reactive
from tests.triggers_app.live import Live, identified
from tests.web.fixtures import HTMX, signed_in
from triggers_app.models import Automation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera(live: Live) -> Client:
    return signed_in(User.objects.create_user("vera"))


def saved(live: Live, name: str, document: Document) -> UUID:
    live.save(named(name), identified(document, name))
    Automation.objects.filter(pk=named(name)).update(name=name)
    live.evaluate_all()
    return named(name)


def sent(live: Live, at: float, name: str = "e") -> UUID:
    one = event(name, at=at, id=f"{name} {at}")
    live.at(ms(at))
    live.send([one])
    live.evaluate_all()
    live.record_all()
    return one.id


def told(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(name, args=args), query, headers=HTMX)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_every_automation_that_has_a_say_has_a_row(live: Live, vera: Client) -> None:
    fires = saved(live, "fires", reactive("e"))
    saved(live, "counts", reactive("e", threshold=3, within=60))
    saved(live, "other", reactive("e", match={"site": "north"}))
    event_id = sent(live, 1)

    html = told(vera, "automations:fates", event=event_id)

    assert html.count("<tr>") == 4
    assert "It is one of 1 so far" in html
    assert "Ignored: it has no label <code>site</code>." in html
    assert f'href="/automations/{fires}/explain/?event={event_id}"' in html


def test_event_that_nobody_waits_for_says_so(live: Live, vera: Client) -> None:
    assert "No automation waits for events of this name." in told(
        vera, "automations:fates", event=sent(live, 1)
    )


def test_event_that_is_not_recorded_says_so(vera: Client) -> None:
    assert "is not recorded" in told(vera, "automations:fates", event=uuid4())


@pytest.mark.parametrize("text", ["", "x", "1-2-3"])
def test_fates_of_no_event_are_not_found(text: str, vera: Client) -> None:
    assert vera.get(reverse("automations:fates"), {"event": text}).status_code == 404


def test_fates_take_few_queries(
    live: Live, vera: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        saved(live, f"a {number}", reactive("e", threshold=3, within=60))
    event_id = sent(live, 1)

    with django_assert_max_num_queries(10):  # session, user, the event, seven for the fates
        told(vera, "automations:fates", event=event_id)


def test_automation_explains_an_event_with_the_sentence_first(live: Live, vera: Client) -> None:
    counts = saved(live, "counts", reactive("e", threshold=3, within=60))
    sent(live, 1)
    event_id = sent(live, 2)

    html = told(vera, "automations:explain", counts, event=event_id)

    assert "Counted: 2 of 3, until Fri 1 Jan 00:01:01." in html
    assert html.index("why-reason") < html.index("part-head")
    assert "version 1" in html


def test_what_is_explained_can_be_kept_as_a_test_by_who_may_edit(live: Live, vera: Client) -> None:
    pk = saved(live, "fires", reactive("e"))
    event_id = sent(live, 1)
    eda = signed_in(User.objects.create_user("eda", is_staff=True))

    html = told(eda, "automations:explain", pk, event=event_id)

    assert 'value="true" id="keep-as-it-is"' in html
    assert f'action="/automations/{pk}/keep/"' in html
    assert "keep-as-it-is" not in told(vera, "automations:explain", pk, event=event_id)


def test_what_almost_fired_is_listed_with_its_event(live: Live, vera: Client) -> None:
    counts = saved(live, "counts", reactive("e", threshold=2, within=60))
    sent(live, 1)
    sent(live, 600, "other")
    live.evaluate_all()
    address = reverse("automations:explain", args=[counts])

    html = unescape(vera.get(address).content.decode())

    assert "1 of 2 e came" in html
    assert f"{address}?event={live.now_ms - 599_000}-0-0" in html


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "must be the id of an event"),
        (str(uuid4()), "No event with this id is recorded"),
        ("9999999999999999999-0-0", "must be the id of an event"),
    ],
    ids=["nonsense", "unknown", "too large"],
)
def test_event_that_cannot_be_found_says_so(
    text: str, problem: str, live: Live, vera: Client
) -> None:
    counts = saved(live, "counts", reactive("e"))

    assert problem in told(vera, "automations:explain", counts, event=text)


def test_version_before_the_automation_says_that_it_did_not_exist(live: Live, vera: Client) -> None:
    event_id = sent(live, 1)
    live.at(ms(5))
    later = saved(live, "later", reactive("e"))

    assert "did not exist yet" in told(vera, "automations:explain", later, event=event_id)
