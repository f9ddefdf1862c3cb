"""The problems of a draft: shown, fixed with one click, kept from others."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.triggers_app.builder.forms import both
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.lint import service as findings
from triggers_app.builder.lint.service import blocking, findings_of
from triggers_app.models import Draft

NEGATED = {
    "type": "event",
    "posture": "Reactive",
    "expect": ["orders.file.landed"],
    "match": {"bucket": ["in/*", "!in/tmp/*"]},
}


def draft(trigger: dict[str, Any], **fields: Any) -> Draft:
    document = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]} | fields
    return drafts.open_new(document, author="eda", now=scene.NOW)


def address(of: Draft, name: str = "findings") -> str:
    return reverse(f"builder:{name}", args=[of.pk])


def fix(client: Client, of: Draft, **more: Any) -> HttpResponse:
    found = findings_of(of, now=scene.NOW)[0]
    body = {"finding": findings.key_of(found), "rev": str(of.rev)}
    answer: HttpResponse = client.post(address(of, "fix"), body, **more)  # type: ignore[assignment]
    return answer


def test_a_finding_has_its_code_sentence_place_and_reason(editor: Client) -> None:
    found = draft(NEGATED)

    html = editor.get(address(found), headers=HTMX).content.decode()

    node = found.document["trigger"]["id"]
    assert 'data-said="1 problem."' in html
    assert ("L01" in html, "alternatives, one is enough" in html) == (True, True)
    assert f'href="#field-n.{node}.match.0.values"' in html
    assert "A negation among alternatives" in html
    assert f'data-fill="findings-{node}"' in html


def test_on_a_page_of_its_own_links_lead_to_the_builder(editor: Client) -> None:
    found = draft(NEGATED)

    answer = editor.get(address(found))

    html = answer.content.decode()
    assert (answer.status_code, html.count("<h1")) == (200, 1)
    node = found.document["trigger"]["id"]
    assert f'href="/builder/{found.pk}/?at=n.{node}#field-n.{node}.' in html
    assert (
        "hx-swap-oob" not in html.partition('id="builder-findings"')[2].partition("</section>")[0]
    )


def test_a_fix_is_an_edit_that_can_be_undone(editor: Client) -> None:
    found = draft(NEGATED)

    answer = fix(editor, found, headers=HTMX)

    fixed = drafts.find(found.pk, author="eda")
    assert fixed.document["trigger"]["match"] == {"bucket": ["in/*"]}
    assert (answer.status_code, fixed.label) == (200, "Fix L01")
    assert 'data-said="No problems."' in answer.content.decode()
    assert '"rev-changed"' in answer.headers["HX-Trigger"]
    undone = drafts.undo(found.pk, author="eda", rev=fixed.rev, now=scene.NOW).draft
    assert undone.document["trigger"]["match"] == NEGATED["match"]


def test_without_a_script_it_leads_back_to_the_page(editor: Client) -> None:
    found = draft(NEGATED)

    answer = fix(editor, found)

    assert answer.headers["Location"] == f"/builder/{found.pk}/#builder-findings"
    assert drafts.find(found.pk, author="eda").rev == 2


def test_what_was_settled_meanwhile_is_told_and_changes_nothing(editor: Client) -> None:
    found = draft(NEGATED)

    answer = editor.post(
        address(found, "fix"), {"finding": "0123456789abcdef", "rev": "1"}, headers=HTMX
    )

    assert (answer.status_code, drafts.find(found.pk, author="eda").rev) == (422, 1)
    assert "settled already" in answer.content.decode()


def test_what_the_form_lacks_is_listed_first(editor: Client) -> None:
    found = draft({"type": "event", "posture": "Reactive", "expect": ["a"], "threshold": "many"})

    html = editor.get(address(found), headers=HTMX).content.decode()

    node = found.document["trigger"]["id"]
    assert f'href="#field-n.{node}.threshold"' in html
    assert "1 blocks enabling" in html


def test_a_draft_without_problems_says_what_was_looked_at(editor: Client) -> None:
    html = editor.get(address(draft({**NEGATED, "match": {}})), headers=HTMX).content.decode()

    assert "No problems" in html
    assert "Looked at conditions, windows, actions and loops" in html
    assert "The backtest is not there yet" in html


def test_what_was_seen_is_not_sent_again(editor: Client) -> None:
    found = draft(NEGATED)
    html = editor.get(address(found), headers=HTMX).content.decode()
    seen = html.partition("?seen=")[2].partition('"')[0]

    answer = editor.get(f"{address(found)}?seen={seen}", headers=HTMX)

    assert answer.status_code == 204


@pytest.mark.parametrize("name", ["findings", "fix"])
def test_nobody_else_learns_of_the_draft(name: str, editor: Client) -> None:
    found = draft(NEGATED)
    Draft.objects.filter(pk=found.pk).update(author="somebody else")
    ask = editor.post if name == "fix" else editor.get

    assert ask(address(found, name)).status_code == 404


@pytest.mark.parametrize("name", ["findings", "fix"])
def test_a_viewer_may_not_build(name: str, viewer: Client) -> None:
    found = draft(NEGATED)
    ask = viewer.post if name == "fix" else viewer.get

    assert ask(address(found, name)).status_code == 403


@pytest.mark.parametrize(
    ("trigger", "confirmed", "stopping"),
    [
        ({"expect": []}, (), ["L04"]),
        ({"expect": []}, ("L04",), []),
        ({"expect": ["a"], "threshold": 3}, ("L04",), ["L05"]),
        ({"expect": ["prefect.automation.*"]}, ("L12",), ["L12"]),
        ({"expect": ["a"], "match": {"b": ["c", "!d"]}}, (), []),
    ],
    ids=["asks", "confirmed", "confirmed another", "cannot be confirmed", "a warning"],
)
@pytest.mark.django_db
def test_errors_stop_enabling_and_two_of_them_only_ask(
    trigger: dict[str, Any], confirmed: tuple[str, ...], stopping: list[str]
) -> None:
    found = draft({"type": "event", "posture": "Reactive", **trigger})

    stops = blocking(found, frozenset(confirmed), now=scene.NOW)

    assert [one.code for one in stops] == stopping


def test_the_page_shows_them_with_badges_and_effect(editor: Client) -> None:
    html = editor.get(reverse("builder:page", args=[draft(NEGATED).pk])).content.decode()

    assert html.count('id="builder-findings"') == 1
    assert html.count('id="builder-effect"') == 1
    assert "How often it would act is not known yet" in html


EVERY_EVENT = {"type": "event", "posture": "Reactive", "expect": []}


def save(client: Client, of: Draft, how: str, **more: str) -> HttpResponse:
    body = {"rev": str(of.rev), "as": how, **more}
    answer: HttpResponse = client.post(address(of, "save"), body)  # type: ignore[assignment]
    return answer


@pytest.mark.parametrize(
    ("how", "more", "status"),
    [
        ("on", {}, 422),
        ("on", {"confirmed": "L04"}, 302),
        ("shadow", {}, 302),
        ("off", {}, 302),
    ],
    ids=["asks", "confirmed", "shadow", "off"],
)
@pytest.mark.django_db(transaction=True)
def test_what_asks_is_asked_before_it_is_switched_on(
    how: str, more: dict[str, str], status: int, editor: Client
) -> None:
    answer = save(editor, draft(EVERY_EVENT), how, **more)

    assert answer.status_code == status
    html = answer.content.decode()
    assert ("Enable anyway" in html, "L04: " in html) == (status == 422, status == 422)


@pytest.mark.django_db(transaction=True)
def test_what_would_feed_on_itself_is_not_switched_on_even_when_confirmed(editor: Client) -> None:
    found = draft({**EVERY_EVENT, "expect": ["prefect.automation.*"]})

    answer = save(editor, found, "on", confirmed="L12")

    assert answer.status_code == 422
    assert "Enable anyway" not in answer.content.decode()


def test_a_condition_that_is_not_grouped_is_grouped_with_one_click(editor: Client) -> None:
    found = draft(both(for_each=["customer"]))
    html = editor.get(address(found), headers=HTMX).content.decode()
    assert "Condition 1 is not grouped by" in html
    key = html.split('name="finding" value="')[1].split('"')[0]

    editor.post(address(found, "fix"), {"finding": key, "rev": "1"}, headers=HTMX)

    fixed = drafts.find(found.pk, author="eda")
    assert [one["for_each"] for one in fixed.document["trigger"]["triggers"]] == [["customer"]] * 2
    assert fixed.label.startswith("Grouped all conditions of")


def test_what_was_just_added_is_not_called_incomplete_before_it_was_left(editor: Client) -> None:
    found = draft(NEGATED, actions=[{"type": "run-deployment"}])
    at = {"Flint-At": "a.actions.0", "Flint-Fresh": "a.actions.0"}

    fresh = editor.get(address(found), headers={**HTMX, **at}).content.decode()
    left = editor.get(address(found), headers={**HTMX, **at, "Flint-At": "settings"})

    assert ("Choose a" in fresh, "Choose a" in left.content.decode()) == (False, True)
    assert 'data-fill="findings-a.actions.0"></span>' in fresh
