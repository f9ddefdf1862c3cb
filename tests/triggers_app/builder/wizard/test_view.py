"""The five starts: each makes a draft and leads to the builder."""

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from events_app.models import EventCount
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import Draft

STARTS = reverse("builder:starts")
YAML = """name: nightly
trigger:
  type: event
  expect: [order.placed]
  posture: Reactive
actions: []
"""


def said(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("start", ["event", "sentence", "paste", "copy", "empty", "nonsense"])
def test_every_start_has_an_address_and_is_a_part_of_the_page(editor: Client, start: str) -> None:
    whole = editor.get(STARTS, {"from": start})
    part = editor.get(STARTS, {"from": start}, headers=HTMX)

    assert (whole.status_code, part.status_code) == (200, 200)
    assert "<html" in said(whole)
    assert said(part).lstrip().startswith('<div class="stack" id="starts">')
    assert said(part).count('aria-current="page"') == 1


def test_only_editors_begin_automations(viewer: Client) -> None:
    assert viewer.get(STARTS).status_code == 403
    for name in ("from-nothing", "begin-event", "from-text"):
        assert viewer.post(reverse(f"builder:{name}")).status_code == 403
    assert viewer.post(reverse("builder:from-sentence", args=["happens"])).status_code == 403


def test_without_events_the_page_says_how_to_send_one_to_this_server(editor: Client) -> None:
    text = said(editor.get(STARTS))

    assert "No events yet." in text
    assert "http://testserver/api" in text
    assert reverse("events:compose") in text


def test_names_are_listed_with_their_days(editor: Client) -> None:
    name = f"seen.{uuid4().hex}"
    scene.event(name)
    for day in range(3):
        EventCount.objects.create(event=name, log_day=(scene.NOW - timedelta(day)).date(), events=4)

    text = said(editor.get(reverse("builder:seen-names"), {"q": name[5:12]}, headers=HTMX))

    assert name in text
    assert "Came on each of the last 7 days: 0, 0, 0, 0, 4, 4, 4" in text
    assert f"name-of={name}" in text


def test_a_search_that_finds_nothing_says_what_to_do(editor: Client) -> None:
    text = said(editor.get(reverse("builder:seen-names"), {"q": "50%_off"}, headers=HTMX))

    assert "No events yet." in text or "Begin with a sentence" in text


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "without a script"])
def test_a_sentence_becomes_a_draft(editor: Client, headers: dict[str, str]) -> None:
    fields = {"event": "heartbeat", "within": "10 min", "after": "", "each": "site"}

    response = editor.post(
        reverse("builder:from-sentence", args=["absent"]), fields, headers=headers
    )

    draft = Draft.objects.get()
    assert draft.author == "eda"
    assert draft.document["name"] == "When heartbeat does not happen for 10 minutes, for each site"
    assert draft.document["trigger"]["within"] == 600
    assert leads_to(response) == reverse("builder:page", args=[draft.pk])


def test_a_gap_that_cannot_be_is_told_and_keeps_what_was_typed(editor: Client) -> None:
    fields = {"first": "a.done", "second": "", "within": "some time"}

    response = editor.post(reverse("builder:from-sentence", args=["then"]), fields)

    text = said(response)
    assert response.status_code == 422
    assert 'value="some time"' in text
    assert text.count('aria-invalid="true"') == 2
    assert not Draft.objects.exists()


def test_an_unknown_sentence_is_not_found(editor: Client) -> None:
    assert editor.post(reverse("builder:from-sentence", args=["sings"])).status_code == 404


def test_nothing_is_an_event_without_a_name(editor: Client) -> None:
    editor.post(reverse("builder:from-nothing"))

    assert Draft.objects.get().document["trigger"]["expect"] == []


def test_a_copy_is_off_and_says_that_it_is_one(editor: Client) -> None:
    original = scene.automation("landed", enabled=True)

    response = editor.post(reverse("builder:from-copy", args=[original.pk]))

    draft = Draft.objects.get()
    assert (draft.document["name"], draft.document["enabled"]) == ("Copy of landed", False)
    assert draft.automation_id is None
    assert leads_to(response) == reverse("builder:page", args=[draft.pk])


def test_copies_are_found_by_what_they_are_about(editor: Client) -> None:
    scene.automation("landed")
    scene.automation("heartbeat")

    text = said(editor.get(STARTS, {"from": "copy", "q": "heart"}))

    assert "heartbeat" in text
    assert "Copy landed" not in text


def test_a_copy_of_nothing_is_not_found(editor: Client) -> None:
    assert editor.post(reverse("builder:from-copy", args=[uuid4()])).status_code == 404


def test_the_list_of_starts_takes_few_queries(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):  # session, user, groups, names
        editor.get(STARTS)


def test_a_plain_text_opens_at_once(editor: Client) -> None:
    response = paste(editor, YAML)

    draft = Draft.objects.get()
    assert draft.document["name"] == "nightly"
    assert leads_to(response) == reverse("builder:page", args=[draft.pk])


def test_comments_of_a_text_live_on(editor: Client) -> None:
    paste(editor, f"# ours since spring\n{YAML}")

    assert Draft.objects.get().texts["yaml"].startswith("# ours since spring\nname: nightly")


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "without a script"])
def test_several_automations_are_chosen_from(editor: Client, headers: dict[str, str]) -> None:
    both = "".join(f"- {block}" for block in (indented(YAML), indented(YAML.replace("n", "m", 1))))
    both = both.replace("mame", "name").replace("nightly", "first", 1)

    seen = paste(editor, both, headers=headers)
    paste(editor, both, which="1", do="open")

    assert "2 automations" in said(seen)
    assert Draft.objects.get().document["name"] == "nightly"


def test_prefects_own_file_of_automations_is_chosen_from(editor: Client) -> None:
    file = "automations:\n" + "".join(
        f"  - name: {name}\n    trigger: {{expect: [{name}]}}\n    actions: []\n"
        for name in ("first", "second")
    )

    seen = paste(editor, file)
    paste(editor, file, which="1", do="open")

    assert "2 automations" in said(seen)
    draft = Draft.objects.get()
    assert (draft.document["name"], draft.document["trigger"]["expect"]) == ("second", ["second"])


def test_a_slip_in_a_pasted_text_is_told(editor: Client) -> None:
    seen = paste(editor, YAML.replace("expect:", "expects:"))

    assert "Did you mean <code>expect</code>?" in said(seen)


def test_a_file_of_one_automation_is_not_kept_as_its_text(editor: Client) -> None:
    paste(editor, "automations:\n- name: only\n  trigger: {expect: [a]}\n  actions: []\n")

    draft = Draft.objects.get()
    assert draft.document["name"] == "only"
    assert "automations:" not in draft.texts.get("yaml", "")


def indented(text: str) -> str:
    return text.replace("\n", "\n  ").rstrip(" ")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: [", "Line 1, column"),
        ("{" * 100_000, "Line 1, column"),
        ("from prefect import flow\nimport os; os.system('touch /tmp/x'\n", "Line 2, column"),
        ("trigger: {type: event}\nactions: 5\n", "Line 2, column"),
        ("x" * 300_000, "262,144 characters"),
        ("", "There is nothing here"),
        ("\0", "Line 1"),
    ],
    ids=["cut", "deep", "code", "wrong types", "huge", "empty", "nul"],
)
def test_what_cannot_be_read_is_told_where(editor: Client, text: str, place: str) -> None:
    response = paste(editor, text)

    assert response.status_code in (200, 422)
    assert place in said(response)
    assert not Draft.objects.exists()


def test_a_deployment_is_found_by_its_flow_and_name(editor: Client) -> None:
    ours = scene.deployment("prod", flow="nightly-load")
    scene.deployment("prod", flow="other")
    source = (
        "from flows import nightly_load\n"
        "nightly_load.deploy(name='prod', triggers=[DeploymentEventTrigger("
        "name='t', expect=['order.placed'])])\n"
    )

    seen = paste(editor, source)
    paste(editor, source, **{"do": "open", "want.0": str(ours.pk)})

    assert "nightly-load / prod" in said(seen)
    [action] = Draft.objects.get().document["actions"]
    assert action["deployment_id"] == str(ours.pk)


def test_a_file_is_read_like_a_text(editor: Client) -> None:
    paste(editor, "", file=SimpleUploadedFile("a.yaml", b"\xef\xbb\xbf" + YAML.encode()))

    assert Draft.objects.get().document["name"] == "nightly"


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"\xff\xfe\x00", "not UTF-8"), (b"x" * (1024 * 1024 + 1), "at most 1,048,576")],
    ids=["not text", "too large"],
)
def test_a_file_that_is_no_text_is_refused(editor: Client, content: bytes, problem: str) -> None:
    response = paste(editor, "kept", file=SimpleUploadedFile("a.bin", content))

    assert response.status_code == 422
    assert problem in said(response)
    assert "kept" in said(response)


def paste(editor: Client, text: str, *, headers: Any = None, **fields: Any) -> Any:
    return editor.post(reverse("builder:from-text"), {"text": text, **fields}, headers=headers)


def leads_to(response: Any) -> str:
    return response.headers.get("HX-Redirect") or response.headers.get("Location") or ""
