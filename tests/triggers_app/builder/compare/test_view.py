"""Two states of an automation side by side, why they differ, and one of them restored."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from events_app.models import Reader
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from tests.menagerie import compound, reactive
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.automation.parsing import parse_automation
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation
from triggers_app.services import authoring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
MINUS = "\N{MINUS SIGN}"
LANDED, CHECKED = reactive("landed", within=600, threshold=2), reactive("checked")


def document(trigger: Any, **fields: Any) -> Any:
    base = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return parse_automation(base | fields)


def saved(*triggers: Any, **fields: Any) -> Automation:
    """An automation with a version for each trigger."""
    first, *rest = triggers
    row = authoring.create(document(first, **fields), author="eda", now=utcnow())
    for trigger in rest:
        row = authoring.replace(
            row.pk, document(trigger, **fields), author="jo: too late", now=utcnow()
        )
    return row


def shown(client: Client, row: Automation, name: str = "compare", **query: Any) -> str:
    answer = client.get(reverse(f"builder:{name}", args=[row.pk]), query, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def drafted(row: Automation, **fields: Any) -> None:
    draft = drafts.open_for(row.pk, author="eda", now=utcnow())
    drafts.edit(
        draft.pk, author="eda", rev=draft.rev, label="changed", now=utcnow(),
        change=lambda document: {**document, **fields},
    )  # fmt: skip


def test_versions_are_compared_in_words_with_who_and_why(eda: Client) -> None:
    group = compound(LANDED, CHECKED, within=1200)
    row = saved(group, {**group, "within": 1800})

    text = shown(eda, row)

    assert "within 20 min → 30 min" in text
    assert "by jo" in text and "Why: too late" in text
    assert f"{MINUS} within: 1200" in text and "+ within: 1800" in text
    assert str(row.document["trigger"]["id"]) not in text


def test_part_that_was_added_is_told_by_its_sentence(eda: Client) -> None:
    row = saved(compound(LANDED, CHECKED), compound(LANDED, CHECKED, reactive("signed")))

    assert "When signed happens." in shown(eda, row)
    assert "Added:" in shown(eda, row)


def test_draft_is_compared_with_what_is_saved_by_its_author_only(eda: Client) -> None:
    row = saved(LANDED)
    drafted(row, description="Now with words")
    other = signed_in(User.objects.create_user("jo", is_staff=True))

    assert "nothing → Now with words" in shown(eda, row, after="draft")
    address = reverse("builder:compare", args=[row.pk])
    assert other.get(address, {"after": "draft"}).status_code == 404


def test_firings_differ_each_with_a_link_to_why(eda: Client) -> None:
    row = saved(LANDED, {**LANDED, "threshold": 1})
    events = [
        scene.event("landed", received=utcnow() - timedelta(hours=hours), seq=hours)
        for hours in (30, 20)
    ]

    last = log.last_id(redis_client.client())
    Reader.objects.create(name="record", position_ms=last.ms, position_seq=last.seq)

    answer = eda.get(reverse("builder:compare-firings", args=[row.pk]), headers=HTMX)
    html = answer.content.decode()

    assert 'class="more">+2</span>' in html and 'class="less">' + MINUS + "0</span>" in html
    assert all(f"event={one.id}" in html for one in events)
    text = shown(eda, row, "compare-event", event=events[0].id)
    assert "1 of 2" in text and "Version 1" in text and "Version 2" in text


def test_firings_of_equal_triggers_are_not_backtested(eda: Client) -> None:
    row = saved(LANDED)
    drafted(row, description="Now with words")

    assert "their triggers say the same" in shown(eda, row, "compare-firings", after="draft")


def test_draft_that_cannot_be_read_is_compared_all_the_same(eda: Client) -> None:
    row = saved(LANDED)
    drafted(row, trigger={**row.document["trigger"], "within": -1})

    assert "600" in shown(eda, row, after="draft")
    assert "is not complete" in shown(eda, row, "compare-firings", after="draft")


def test_restored_version_is_a_new_one_and_leaves_the_switch_alone(eda: Client) -> None:
    row = saved(LANDED, CHECKED)
    authoring.enable(row.pk, False, author="eda", now=utcnow())

    eda.post(reverse("builder:restore", args=[row.pk]), {"version": "1", "reason": "night\nshift"})

    row.refresh_from_db()
    assert (row.version, row.enabled) == (4, False)
    assert row.document["trigger"]["expect"] == ["landed"]
    assert row.versions.get(version=4).author == "eda: night shift"


def test_viewer_may_compare_and_not_restore(eda: Client) -> None:
    row = saved(LANDED, CHECKED)
    viewer = signed_in(User.objects.create_user("vic"))

    assert "Restore" not in shown(viewer, row)
    answer = viewer.post(reverse("builder:restore", args=[row.pk]), {"version": "1"})
    assert answer.status_code == 403


@pytest.mark.parametrize("wrong", ["0", "99", "draft", "x" * 50, "-1"])
def test_state_that_was_never_saved_is_not_there(eda: Client, wrong: str) -> None:
    row = saved(LANDED)

    answer = eda.get(reverse("builder:compare", args=[row.pk]), {"after": wrong})

    assert answer.status_code == 404
