"""A page that is sent back as it came changes nothing, whatever the draft says."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings

from tests.triggers_app.builder.browser_form import sent_by_browser
from tests.triggers_app.builder.forms import NOW, both, sheet
from tests.triggers_app.strategies import automations
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.selection import owner_of
from triggers_app.models import Draft

FORM = "builder-form"


def sent(editor: Client, draft: Draft, at: str = "all") -> dict[str, list[str]]:
    html = editor.get(reverse("builder:page", args=[draft.pk]), {"at": at}).content.decode()
    return sent_by_browser(html, FORM)


def send_back(editor: Client, draft: Draft, at: str = "all") -> Draft:
    editor.post(reverse("builder:op", args=[draft.pk]), sent(editor, draft, at), headers=HTMX)
    return Draft.objects.get(pk=draft.pk)


@settings(max_examples=60)
@given(document=automations())
def test_any_automation_is_the_same_after_its_form_was_sent(
    document: dict[str, Any], editor: Client
) -> None:
    draft = drafts.open_new(document, author="eda", now=NOW)

    after = send_back(editor, draft)

    assert (after.document, after.rev, after.rejected) == (draft.document, 1, {})
    assert drafts.form_of(draft).keys() <= sent(editor, draft).keys()


@settings(max_examples=15)
@given(document=automations())
def test_every_field_is_shown_with_the_part_it_belongs_to(
    document: dict[str, Any], editor: Client
) -> None:
    draft = drafts.open_new(document, author="eda", now=NOW)
    form = drafts.form_of(draft)
    parts = {owner_of(name) or "settings" for name in form}

    shown = {name for at in parts for name in sent(editor, draft, at)}
    after = [send_back(editor, draft, at) for at in parts]

    assert form.keys() <= shown
    assert {(each.rev, repr(each.document)) for each in after} == {(1, repr(draft.document))}


@pytest.mark.parametrize("missing", ["name", "trigger", "actions"])
def test_incomplete_draft_is_the_same_too(missing: str, editor: Client) -> None:
    form = sheet(editor, both(), actions=[{"type": "run-deployment"}])
    Draft.objects.update(document={k: v for k, v in form.draft.document.items() if k != missing})

    assert send_back(editor, form.draft).rev == 1


def test_deployment_that_is_gone_stays_chosen(editor: Client) -> None:
    gone = [{"type": "run-deployment", "deployment_id": str(scene.NOBODY)}]

    after = send_back(editor, sheet(editor, actions=gone).draft)

    assert after.document["actions"] == gone


def test_text_that_cannot_be_read_stays_as_it_was_typed(editor: Client) -> None:
    form = sheet(editor)
    field = f"n.{form.draft.document['trigger']['id']}.within"
    form.type(field, "soon")

    after = send_back(editor, form.draft)

    assert (after.rev, after.rejected) == (2, {field: "soon"})
