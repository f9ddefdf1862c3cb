"""The builder's page: whose it is, what it shows, what it costs."""

import gzip
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.triggers_app.builder.forms import GROUP, NODE, both, event, of_automation, saved, sheet
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.models import Draft

KILOBYTES = 60
QUERIES = 14  # session, user, draft, and what its parts need; however long lists are


def edit(pk: object) -> str:
    return reverse("builder:edit", args=[pk])


def test_editing_an_automation_shows_a_draft_of_it(editor: Client) -> None:
    automation = saved(runs=scene.deployment())

    html = editor.get(edit(automation.pk)).content.decode()

    assert 'value="orders-landed"' in html
    assert f'id="node-{Draft.objects.get().document["trigger"]["id"]}"' in html
    assert "nightly-load / prod" in html


def test_editing_it_again_goes_on_with_the_same_draft(editor: Client) -> None:
    automation = saved()

    editor.get(edit(automation.pk))
    editor.get(edit(automation.pk))

    assert Draft.objects.get().automation_id == automation.pk


def test_automation_that_is_not_there_cannot_be_edited(editor: Client) -> None:
    assert editor.get(edit(scene.NOBODY)).status_code == 404


def test_viewer_builds_nothing(viewer: Client) -> None:
    draft = sheet(viewer, author="vera").draft

    assert viewer.get(edit(saved().pk)).status_code == 403
    assert viewer.get(reverse("builder:page", args=[draft.pk])).status_code == 403
    assert viewer.post(reverse("builder:op", args=[draft.pk])).status_code == 403


@pytest.mark.parametrize("name", ["page", "sentence", "conflict"])
def test_draft_of_somebody_else_is_not_found(name: str, editor: Client) -> None:
    other = signed_in(User.objects.create_user("bo", is_staff=True))
    draft = sheet(editor).draft

    assert other.get(reverse(f"builder:{name}", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("name", ["op", "save", "discard", "resolve"])
def test_nobody_changes_the_draft_of_somebody_else(name: str, editor: Client) -> None:
    other = signed_in(User.objects.create_user("bo", is_staff=True))
    mine = sheet(editor)

    response = other.post(reverse(f"builder:{name}", args=[mine.draft.pk]), {"rev": "1"})

    assert response.status_code == 404
    assert (mine.now().rev, mine.now().outcome) == (1, None)


def test_rail_stays_on_automations(editor: Client) -> None:
    html = sheet(editor).page()

    assert re.search(r'<a class="rail-link" href="/automations/" aria-current="true">', html)


def test_page_says_what_it_does_and_each_part_of_it(editor: Client) -> None:
    html = sheet(editor, both()).page()

    assert "When all of these happen within 30 minutes" in html
    assert "inventory.snapshot.done happens" in html
    assert "ALL" in html


@pytest.mark.parametrize(
    ("trigger", "names"),
    [
        (event(match={"a": "b"}), ["posture", "expect", "match.0.label", "threshold", "for_each"]),
        (event(match_related=[{"a": "1"}, {"b": "2"}]), ["related.1.0.values", "within", "after"]),
        (both(for_each=[]), ["require", "within", "for_each"]),
        ({**both(), "type": "sequence"}, ["within", "for_each"]),
        (
            {"type": "metric", "id": NODE, "posture": "Metric",
             "metric": {"name": "duration", "operator": ">", "threshold": 5}},
            ["metric.name", "metric.operator", "metric.threshold", "metric.firing_for"],
        ),
    ],
    ids=["event", "related", "compound", "sequence", "metric"],
)  # fmt: skip
def test_every_field_of_a_node_is_in_the_form(
    trigger: dict[str, Any], names: list[str], editor: Client
) -> None:
    html = sheet(editor, trigger).page()

    for name in names:
        assert f'name="n.{trigger["id"]}.{name}"' in html


def test_every_field_that_the_form_knows_is_on_the_page(editor: Client) -> None:
    actions = [
        {"type": kind}
        for kind in ("run-deployment", "pause-work-pool", "resume-work-queue", "call-webhook",
                     "pause-automation", "send-notification", "change-flow-run-state")
    ]  # fmt: skip
    page = sheet(editor, both(), actions=actions, actions_on_resolve=actions)

    html = page.page()

    assert [name for name in page.fields if f'name="{name}"' not in html] == []


def test_label_is_no_markup(editor: Client) -> None:
    html = sheet(editor, event(match={'"><script>': "</textarea>"})).page()

    assert '"><script>' not in html
    assert "</textarea></textarea>" not in html


def test_unknown_keys_are_shown_as_kept(editor: Client) -> None:
    html = sheet(editor, event(color="red")).page()

    assert re.search("kept as is: <code>color</code>", html)


@pytest.mark.parametrize(
    "trigger",
    [None, {}, "x", 3, [], {"type": "later"}, {"triggers": "x"}, {"type": "compound"},
     {"type": "event", "match": [1], "match_related": "x", "expect": 7, "within": {}}],
    ids=range(9),
)  # fmt: skip
def test_draft_that_says_nothing_sensible_is_shown_all_the_same(
    trigger: Any, editor: Client
) -> None:
    draft = sheet(editor).draft
    Draft.objects.update(document={"name": 7, "actions": "x", "tags": 5, "trigger": trigger})

    assert editor.get(reverse("builder:page", args=[draft.pk])).status_code == 200


def test_deployment_that_is_gone_says_so_and_stays_chosen(editor: Client) -> None:
    actions = [{"type": "run-deployment", "deployment_id": str(scene.NOBODY)}]

    html = sheet(editor, actions=actions).page()

    assert "This deployment is gone." in html
    assert f'<option value="{scene.NOBODY}" selected>' in html


def test_of_many_deployments_some_are_offered_and_others_are_found_by_name(editor: Client) -> None:
    for number in range(205):
        scene.deployment(f"prod-{number:03}")
    page = sheet(editor, actions=[{"type": "run-deployment"}])

    assert page.page().count("nightly-load / prod-") == 200
    assert "nightly-load / prod-204" in page.page(**{"find.deployment": "load 204"})


def test_lists_of_a_metric_are_three(editor: Client) -> None:
    metric = {"type": "metric", "posture": "Metric", "metric": {}}

    assert "When it is over" in sheet(editor, metric).page()
    assert "When it is over" not in sheet(editor).page()


def test_draft_that_was_saved_leads_to_its_automation(editor: Client) -> None:
    page = of_automation(editor, saved())
    Draft.objects.update(outcome="saved")

    response = editor.get(reverse("builder:page", args=[page.draft.pk]))

    assert response.headers["Location"] == f"/automations/{page.draft.automation_id}/"


def test_page_costs_the_same_queries_however_much_there_is(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    runs = [{"type": "run-deployment", "deployment_id": str(scene.deployment(f"p-{n}").pk)}
            for n in range(12)]  # fmt: skip
    many = [event(f"7f3cbb8e-0c5e-4b5e-9a59-0000000001{n:02}") for n in range(30)]
    page = sheet(editor, both(triggers=many), actions=runs)

    with django_assert_max_num_queries(QUERIES):
        page.page()


def test_browser_keeps_no_page_that_would_be_old(editor: Client) -> None:
    draft = sheet(editor).draft

    response = editor.get(reverse("builder:page", args=[draft.pk]))

    assert "no-store" in response.headers["Cache-Control"]


def test_page_is_small_over_the_wire(editor: Client) -> None:
    scene.deployment()
    page = sheet(editor, both(), actions=[{"type": "run-deployment"}])

    html = page.page()

    assert len(gzip.compress(html.encode())) <= KILOBYTES * 1024
    assert " style=" not in html


def test_sentence_is_a_fragment_and_a_page_and_then_unchanged(editor: Client) -> None:
    draft = sheet(editor).draft
    address = reverse("builder:sentence", args=[draft.pk])

    fragment = editor.get(address, headers=HTMX).content.decode()

    assert fragment.strip() in editor.get(address).content.decode()
    assert editor.get(f"{address}?seen={draft.rev}", headers=HTMX).status_code == 204


def test_group_is_called_by_how_many_of_it_must_happen(editor: Client) -> None:
    html = sheet(editor, both(require=1)).page()

    assert "1 OF 2" in html
    assert f'id="node-{GROUP}"' in html


def test_document_is_the_same_after_it_was_shown(editor: Client) -> None:
    page = sheet(editor, both())
    before = page.now().document

    page.page()

    assert page.now().document == before
