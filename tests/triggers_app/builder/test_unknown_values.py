"""A pasted text with values that nobody here knows: named until somebody writes them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.automation.formats.registry import Format
from triggers_app.automation.unknown_values import UNKNOWN, unknown
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.lint import service as findings
from triggers_app.builder.save import service as saving
from triggers_app.builder.source import service as panes
from triggers_app.models import Automation, Draft

TERRAFORM = """resource "prefect_automation" "orders" {
  name    = "orders"
  enabled = var.is_prod
  trigger = {
    event = {
      posture   = "Reactive"
      expect    = ["orders.landed", local.event_name]
      match     = local.match
      threshold = local.threshold
      within    = var.seconds
    }
  }
  actions = [{ type = "do-nothing" }]
}
"""


@pytest.fixture
def draft(editor: Client) -> Draft:
    editor.post(reverse("builder:from-text"), {"text": TERRAFORM, "do": "open"})
    return Draft.objects.get()


def trigger(draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = drafts.find(draft.pk, author="eda").document["trigger"]
    return found


def submit(draft: Draft, **fields: str) -> Draft:
    now = drafts.find(draft.pk, author="eda")
    named = {f"n.{now.document['trigger']['id']}.{name}": text for name, text in fields.items()}
    return drafts.submit(now.pk, author="eda", rev=now.rev, fields=named, now=scene.NOW).draft


def save(draft: Draft, mode: saving.Mode) -> Any:
    now = drafts.find(draft.pk, author="eda")
    return saving.save(now, rev=now.rev, mode=mode, now=scene.NOW)


def test_every_place_is_kept_and_named_in_the_builder(draft: Draft, editor: Client) -> None:
    html = editor.get(reverse("builder:findings", args=[draft.pk]), headers=HTMX).content.decode()

    views = findings.views_of(draft, findings.findings_of(draft, now=scene.NOW))

    assert [view.message.partition(" is ")[0] for view in views] == [
        "`enabled`", "`expect`", "`match`", "`threshold`", "`within`",
    ]  # fmt: skip
    assert "5 problems" in html and "local.event_name" in html
    assert f'href="#field-n.{trigger(draft)["id"]}.expect"' in html


@pytest.mark.parametrize("mode", ["on", "off", "shadow"])
def test_it_cannot_be_saved(draft: Draft, mode: saving.Mode) -> None:
    outcome = save(draft, mode)

    assert isinstance(outcome, saving.SaveRefused)
    assert {problem.type for problem in outcome.problems} == {"unfinished"}
    assert not Automation.objects.exists()


def test_the_form_shows_how_a_value_is_written(draft: Draft, editor: Client) -> None:
    html = editor.get(reverse("builder:page", args=[draft.pk])).content.decode()

    assert "orders.landed\nlocal.event_name</textarea>" in html
    assert 'value="local.threshold"' in html and 'value="var.seconds"' in html


def test_a_field_that_is_not_touched_stays_unfinished(draft: Draft) -> None:
    submit(draft, for_each="customer", expect="orders.landed\nlocal.event_name\nmore")

    assert trigger(draft)["expect"] == ["orders.landed", unknown("local.event_name"), "more"]
    assert trigger(draft)["match"] == unknown("local.match")


def test_what_is_written_in_its_place_counts(draft: Draft) -> None:
    submit(draft, expect="orders.landed", threshold="3", within="1 min")
    submit(draft, **{"match.0.label": "region", "match.0.values": "eu"})
    again = drafts.find(draft.pk, author="eda")
    left = findings.views_of(again, findings.findings_of(again, now=scene.NOW))

    assert [told.fix for told in left] == ["Leave it out"]  # `enabled` has no field
    found = drafts.find(draft.pk, author="eda")
    findings.fix(found, left[0].key, author="eda", rev=found.rev, now=scene.NOW)

    outcome = save(draft, "off")
    assert isinstance(outcome, saving.Saved)
    saved = Automation.objects.get().document
    assert saved["trigger"]["expect"] == ["orders.landed"]
    assert (saved["trigger"]["threshold"], saved["trigger"]["match"]) == (3, {"region": "eu"})


@pytest.mark.parametrize("format", [Format.YAML, Format.JSON, Format.PREFECT_YAML])
def test_panes_keep_it(draft: Draft, format: Format) -> None:
    before = drafts.find(draft.pk, author="eda")
    shown = panes.pane_of(before, format)
    text = shown.text.replace("orders.landed", "orders.taken")

    panes.take(before, format, text, rev=before.rev, author="eda", now=scene.NOW)

    assert trigger(draft)["expect"] == ["orders.taken", unknown("local.event_name")]
    assert UNKNOWN in shown.text
