"""What an event means to a draft: chosen, or pasted."""

import json
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from project.lib.clock import utcnow
from project.lib.json_documents import Document
from tests.menagerie import compound, reactive, sequence
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
NAME, OTHER = "orders.file.landed", "inventory.snapshot.done"
THREE = reactive(NAME, threshold=3, within=3600)
BOTH = compound(reactive(NAME), reactive(OTHER), within=3600)


def landed(minutes_ago: float, name: str = NAME) -> Any:
    return scene.event(name, received=utcnow() - timedelta(minutes=minutes_ago))


def draft_of(trigger: Any) -> Draft:
    document = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author="eda", now=utcnow())


def explained(client: Client, trigger: Document, event: Any) -> str:
    address = reverse("builder:explain", args=[draft_of(trigger).pk])
    answer = client.get(address, {"event": str(event)}, headers=HTMX)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def pasted(client: Client, trigger: Document, text: str, **more: Any) -> HttpResponse:
    address = reverse("builder:explain-pasted", args=[draft_of(trigger).pk])
    return client.post(address, {"pasted": text}, headers=HTMX, **more)  # type: ignore[return-value]


CASES: dict[str, tuple[Document, str]] = {
    "fired": (reactive(NAME), "It fired."),
    "counted": (THREE, "Counted: 2 of 3, until"),
    "another name": (reactive(OTHER), f"Ignored: its name is <code>{NAME}</code>, not"),
    "another label": (
        reactive(NAME, match={"customer": "zeta"}),
        "its label <code>customer</code> is <code>acme</code>, not <code>zeta</code>.",
    ),
    "a part is missing": (BOTH, f"Counted: 1 of 2; it needs 1 more of {OTHER}, until"),
    "no part of a sequence": (
        sequence(reactive(OTHER), reactive("third")),
        "Ignored: no part of it waits for an event of this name.",
    ),
    "a part with another label": (
        compound(reactive(NAME, match={"site": "n"}), reactive(OTHER)),
        f"Ignored: it has the name that {NAME} waits for, but it has no label",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_event_is_explained_in_one_sentence(case: str, eda: Client) -> None:
    trigger, sentence = CASES[case]
    landed(20)
    event = landed(10)

    assert sentence in explained(eda, trigger, event.id)


def test_each_condition_has_what_was_wanted_and_what_was_there(eda: Client) -> None:
    event = landed(10)

    html = explained(eda, reactive(NAME, match={"customer": ["zeta", "beta"]}), event.id)

    assert "expected <code>zeta</code> or <code>beta</code>" in html
    assert "<code>customer</code> = <code>acme</code>" in html
    assert ("Not met" in html, html.count("part-frame")) == (True, 1)


def test_windows_are_folded_up_to_the_event_and_no_further(eda: Client) -> None:
    first, _, _ = landed(30), landed(20), landed(10)

    assert "Counted: 1 of 3" in explained(eda, THREE, first.id)


def test_event_may_be_named_by_its_place_in_the_log(eda: Client) -> None:
    event = landed(10)

    html = explained(eda, reactive(NAME), f"{event.log_ms}-{event.log_seq}-{event.frame_index}")

    assert "It fired." in html


def test_events_of_its_names_can_be_chosen(eda: Client) -> None:
    mine, _ = landed(10), landed(5, "somebody.elses")
    address = reverse("builder:explain", args=[draft_of(reactive(NAME)).pk])

    html = eda.get(address).content.decode()

    assert f'id="explain-{mine.id}"' in html
    assert "somebody.elses" not in html


def test_event_that_is_not_recorded_says_so(eda: Client) -> None:
    assert "This event is not recorded" in explained(eda, THREE, uuid4())


def test_trigger_that_cannot_be_read_says_so(eda: Client) -> None:
    html = explained(eda, {"type": "event", "expect": [NAME]}, landed(10).id)

    assert "The trigger cannot be read: trigger.posture" in html.replace("<code>", "")


@pytest.mark.parametrize("event", ["x", "1-2-x", "9" * 400, f"{2**64}-0-0", "1-2-99999999999"])
def test_what_is_no_event_is_not_found(event: str, eda: Client) -> None:
    address = reverse("builder:explain", args=[draft_of(THREE).pk])

    assert eda.get(address, {"event": event}).status_code == 404


def test_pasted_event_is_judged_as_if_it_came_now(eda: Client) -> None:
    landed(10)
    landed(20)
    event = {"event": NAME, "resource": {"prefect.resource.id": "s3://in/1.csv"}}

    html = pasted(eda, THREE, json.dumps(event)).content.decode()

    assert "It fired." in html
    assert "pasted, as if it came now" in html


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "This is not JSON: Expecting property name enclosed in double quotes"),
        ("[]", "Input should be"),
        ('{"event": "a"}', "resource"),
        ('{"event": 3, "resource": {"prefect.resource.id": "a"}}', "event"),
    ],
    ids=["no JSON", "a list", "no resource", "a number as name"],
)
def test_pasted_nonsense_is_refused_with_its_place_and_kept(
    text: str, problem: str, eda: Client
) -> None:
    answer = pasted(eda, THREE, text)

    html = unescape(answer.content.decode())
    assert (answer.status_code, problem in html) == (422, True)
    assert text in html


def test_viewers_paste_nothing(tables: None) -> None:
    vera = signed_in(User.objects.create_user("vera"))

    assert pasted(vera, THREE, "{}").status_code == 403


def test_it_is_a_tab_of_the_builder(eda: Client) -> None:
    event = landed(10)
    address = reverse("builder:page", args=[draft_of(reactive(NAME)).pk])

    html = eda.get(address, {"tab": "explain", "event": str(event.id)}).content.decode()

    assert html.count('id="builder-explain"') == 1
    assert "It fired." in html


def test_it_asks_few_queries(eda: Client, django_assert_max_num_queries: Any) -> None:
    event = landed(10)
    address = reverse("builder:explain", args=[draft_of(BOTH).pk])

    with django_assert_max_num_queries(10):
        eda.get(address, {"event": str(event.id)}, headers=HTMX)
