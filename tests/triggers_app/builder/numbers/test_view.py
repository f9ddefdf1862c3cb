"""The numbers beside the choices of a draft, at their address."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from events_app.domain.event import to_us
from project.lib.clock import utcnow
from tests.menagerie import automation_document, compound, event, reactive, related
from tests.triggers_app.builder.seen import seen, since
from tests.web.fixtures import HTMX, signed_in
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.numbers import service as numbers
from triggers_app.models import Draft


def draft_of(trigger: dict[str, Any], **more: Any) -> Draft:
    document = automation_document(trigger, **more)
    return drafts.open_new(document, author="eda", now=utcnow())


def counted(draft: Draft) -> str:
    return reverse("builder:numbers", args=[draft.pk])


@pytest.fixture
def orders(db: None) -> None:
    at = utcnow() - timedelta(hours=1)
    shop = [related("shop", "shop.1")]
    seen(
        [event("order.paid", labels={"site": "no" if n % 3 else "so"}, related=shop, id=str(n))
         for n in range(12)],
        at_ms=to_us(at) // 1000,
    )  # fmt: skip


def test_one_answer_fills_every_badge_and_row(editor: Client, orders: None) -> None:
    match = {"site": "n*"}
    draft = draft_of(compound(reactive("order.paid", match=match), reactive("x"), within=60))
    first, second = (one["id"] for one in draft.document["trigger"]["triggers"])

    html = editor.get(counted(draft), headers=HTMX).content.decode()

    assert f'data-fill="numbers-{first}"' in html
    assert f"<strong>8</strong> of 12 events {since()}" in html
    assert f'data-fill="left-n.{first}.match.0"' in html
    assert f'data-fill="numbers-{second}"' in html
    assert f"No such event {since()}" in html
    # Two lines, two titles and the row come in one swap; and what asks for exact ones.
    assert (html.count("data-fill="), html.count("hx-swap-oob=")) == (5, 2)


def test_buckets_and_rows_are_told(editor: Client, orders: None) -> None:
    node = reactive("order.paid", match_related={"prefect.resource.role": "shop"},
                    for_each=["site"])  # fmt: skip

    html = editor.get(counted(draft_of(node)), headers=HTMX).content.decode()

    assert "2 values of <code>site</code>" in html
    assert "leaves" in html
    assert ".related.0.0" in html


def test_a_guess_says_so_and_asks_for_the_count(
    editor: Client, orders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "AT_ONCE", 1)
    monkeypatch.setattr("triggers_app.storage.event_stats.MOST_FEW", 0)
    draft = draft_of(reactive("order.paid", match={"site": "no"}))

    guessed = editor.get(counted(draft), headers=HTMX).content.decode()
    exact = editor.get(counted(draft) + "?exact=1", headers=HTMX).content.decode()

    assert f"≈ <strong>8</strong> of 12 events {since()} · counting" in guessed
    assert "?exact=1" in guessed
    assert "≈" not in exact
    assert "exact" not in exact


def test_without_a_script_it_is_a_page_of_sentences(editor: Client, orders: None) -> None:
    html = editor.get(counted(draft_of(reactive("order.paid")))).content.decode()

    assert "order.paid happens" in html
    assert f"<strong>12</strong> events {since()}" in html


@pytest.mark.parametrize("name", ["numbers", "suggest"])
def test_a_draft_is_its_authors(db: None, name: str) -> None:
    other = signed_in(User.objects.create_user("other", is_staff=True))
    address = reverse(f"builder:{name}", args=[draft_of(reactive("a")).pk])

    assert other.get(address).status_code == 404
    assert other.get(reverse(f"builder:{name}", args=[uuid4()])).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_page_asks_for_its_numbers(editor: Client, orders: None) -> None:
    draft = draft_of(reactive("order.paid", match={"site": "no"}))

    html = editor.get(reverse("builder:page", args=[draft.pk])).content.decode()

    assert f'hx-get="{counted(draft)}" hx-trigger="load, again"' in html
    node = draft.document["trigger"]["id"]
    assert f'id="numbers-{node}"' in html
    assert f'id="left-n.{node}.match.0"' in html
