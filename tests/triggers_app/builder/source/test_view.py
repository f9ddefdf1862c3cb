"""The panes' addresses: what each format shows, what is typed, what is pasted."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from project.lib.json_documents import Document
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.automation.formats.terraform import write as terraform_writer
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

NOW = datetime(2026, 11, 21, 4, 12, tzinfo=UTC)
EVENT = {"type": "event", "posture": "Reactive", "expect": ["orders.landed"], "threshold": 1}
DOCUMENT: Document = {"name": "orders", "trigger": EVENT, "actions": [{"type": "do-nothing"}]}
FORMATS = ["yaml", "json", "prefect.yaml", "hcl", "python", "curl"]


@pytest.fixture
def draft(editor: Client) -> Draft:
    return drafts.open_new(DOCUMENT, author="eda", now=NOW)


def pane(draft: Draft, format: str = "yaml") -> str:
    return f"/builder/{draft.pk}/panes/{format}/"


def text(**changes: Any) -> str:
    return automation_yaml.write({**DOCUMENT, **changes}).text


def now(draft: Draft) -> Draft:
    return drafts.find(draft.pk, author="eda")


@pytest.mark.parametrize("format", FORMATS)
def test_a_pane_shows_its_format_and_which_one_it_is(
    format: str, editor: Client, draft: Draft
) -> None:
    html = editor.get(pane(draft, format), headers=HTMX).content.decode()

    assert 'id="builder-panes"' in html
    assert "orders.landed" in html and draft.document["trigger"]["id"] not in html
    assert re.search(f'aria-current="true" data-pane="{format}"', html)
    assert ("readonly" in html, "Paste to import" in html) == (
        format in FORMATS[3:],
        format in FORMATS[3:],
    )


def test_a_pane_is_answered_in_a_constant_number_of_queries(
    editor: Client, draft: Draft, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # session, user, draft
        editor.get(pane(draft), headers=HTMX)


def test_the_page_has_the_pane_that_its_address_asks_for(editor: Client, draft: Draft) -> None:
    html = editor.get(f"/builder/{draft.pk}/?pane=hcl").content.decode()

    assert "resource &#34;prefect_automation&#34;" in html
    assert html.count('id="builder-panes"') == 1


def test_what_is_seen_already_is_not_sent_again(editor: Client, draft: Draft) -> None:
    assert editor.get(pane(draft) + "?seen=1", headers=HTMX).status_code == 204
    assert editor.get(pane(draft) + "?seen=0", headers=HTMX).status_code == 200


def test_what_is_typed_changes_the_form_and_does_not_come_back(
    editor: Client, draft: Draft
) -> None:
    sent = {"text": text(name="typed-here"), "rev": "1"}

    response = editor.post(pane(draft), sent, headers=HTMX)

    html = response.content.decode()
    assert (response.status_code, now(draft).document["name"]) == (200, "typed-here")
    assert json.loads(response.headers["HX-Trigger"])["rev-changed"] == {"rev": 2}
    assert 'id="pane-status"' in html and "In sync with revision 2" in html
    assert 'id="builder-tree"' in html and "<textarea" not in html.split('id="builder-', 1)[0]


def test_a_text_that_cannot_be_read_is_422_and_the_form_stays(editor: Client, draft: Draft) -> None:
    response = editor.post(pane(draft), {"text": "name: [", "rev": "1"}, headers=HTMX)

    html = response.content.decode()
    assert (response.status_code, now(draft).document) == (422, draft.document)
    assert "1</span>; this text has 1 problem." in html
    assert re.search(r'href="#pane-text" data-line="\d+" data-column="\d+"', html)
    assert "builder-tree" not in html and "HX-Trigger" not in response.headers


def test_a_refused_text_is_there_after_a_reload(editor: Client, draft: Draft) -> None:
    editor.post(pane(draft), {"text": "name: [ # mine", "rev": "1"}, headers=HTMX)

    html = editor.get(f"/builder/{draft.pk}/").content.decode()

    assert "name: [ # mine</textarea>" in html
    assert "this text has 1 problem" in html


def test_a_refused_text_gives_way_to_that_of_the_form(editor: Client, draft: Draft) -> None:
    editor.post(pane(draft), {"text": "name: [ # mine", "rev": "1"}, headers=HTMX)

    response = editor.post(pane(draft), {"do": "drop"}, headers=HTMX)

    assert response.headers["HX-Retarget"] == "#builder-panes"
    assert "# mine" not in response.content.decode()
    assert now(draft).chosen == {}


@pytest.mark.parametrize(("sent", "status"), [
    ({"text": "name: plain\r\n", "rev": "1"}, 302),
    ({"text": "name: [", "rev": "1"}, 422),
    ({"do": "drop"}, 302),
], ids=["taken", "refused", "given up"])  # fmt: skip
def test_without_a_script_the_text_is_applied_by_a_button(
    sent: dict[str, str], status: int, editor: Client, draft: Draft
) -> None:
    response = editor.post(pane(draft), sent)

    assert response.status_code == status
    if status == 302:
        assert response.headers["Location"] == f"/builder/{draft.pk}/?pane=yaml#builder-panes"
    else:
        assert "name: [</textarea>" in response.content.decode()


@pytest.mark.parametrize("rev", ["", "x", "-1", "999999999999", "7"])
def test_an_odd_revision_is_no_error(rev: str, editor: Client, draft: Draft) -> None:
    response = editor.post(pane(draft), {"text": text(name="b"), "rev": rev}, headers=HTMX)

    assert (response.status_code, now(draft).document["name"]) == (200, "b")


@pytest.mark.parametrize("odd", ["\0", "a: \0", "- " * 3000, "{" * 3000, "&a [*a]", "\ufeff"])
def test_no_text_is_an_error_of_ours(odd: str, editor: Client, draft: Draft) -> None:
    for format in ("yaml", "json", "prefect.yaml"):
        response = editor.post(pane(draft, format), {"text": odd, "rev": "1"}, headers=HTMX)

        assert response.status_code == 422
        assert editor.get(pane(draft, format), headers=HTMX).status_code == 200


@pytest.mark.parametrize("document", [
    {}, {"trigger": 3}, {"name": [], "actions": {"a": 1}}, {"trigger": {"triggers": [None, 3]}},
    {"trigger": {"type": "x"}, "tags": 4, "flint": "b"}, {"1": {}, "actions": [None, "a", []]},
], ids=["empty", "a number", "odd lists", "odd children", "odd kinds", "odd actions"])  # fmt: skip
def test_a_text_that_says_something_odd_is_shown_in_every_pane(
    document: Document, editor: Client, draft: Draft
) -> None:
    taken = editor.post(pane(draft, "json"), {"text": json.dumps(document), "rev": "1"})

    assert taken.status_code == 302
    statuses = [editor.get(pane(draft, format), headers=HTMX).status_code for format in FORMATS]
    assert statuses == [200] * 6


@pytest.mark.parametrize("format", ["hcl", "python", "curl"])
def test_what_is_only_shown_takes_no_text(format: str, editor: Client, draft: Draft) -> None:
    response = editor.post(pane(draft, format), {"text": text(), "rev": "1"}, headers=HTMX)

    assert response.status_code == 404


def test_nobody_elses_draft_is_there(editor: Client) -> None:
    other = drafts.open_new(DOCUMENT, author="ada", now=NOW)

    assert editor.get(pane(other)).status_code == 404
    assert editor.post(pane(other), {"text": text(), "rev": "1"}).status_code == 404
    assert editor.post(f"/builder/{other.pk}/import/", {"pasted": "a"}).status_code == 404
    assert editor.get(pane(other, "toml")).status_code == 404


def test_viewers_and_strangers_see_no_pane(viewer: Client) -> None:
    draft = drafts.open_new(DOCUMENT, author="vera", now=NOW)

    assert viewer.get(pane(draft)).status_code == 403
    assert viewer.post(pane(draft), {"text": text()}).status_code == 403
    assert Client().get(pane(draft)).status_code == 302


RUN = {
    "type": "run-deployment",
    "source": "selected",
    "deployment_id": "prefect_deployment.nightly.id",
}
HCL = terraform_writer.write({**DOCUMENT, "name": "pasted", "actions": [RUN]}).text.replace(
    '"prefect_deployment.nightly.id"', "prefect_deployment.nightly.id"
)
NAMED = 'resource "prefect_deployment" "nightly" {\n  name = "nightly"\n}\n'


def paste(editor: Client, draft: Draft, pasted: str, **more: str) -> Any:
    sent = {"pasted": pasted, **more}
    return editor.post(f"/builder/{draft.pk}/import/", sent, headers=HTMX)


def test_a_pasted_text_is_looked_at_before_anything_changes(editor: Client, draft: Draft) -> None:
    html = paste(editor, draft, HCL).content.decode()

    assert "Terraform." in html and "pasted" in html and "Replace the draft with it" in html
    assert "prefect_deployment.nightly.id" in html
    assert now(draft).document == draft.document


def test_a_deployment_is_found_by_its_name(editor: Client, draft: Draft) -> None:
    deployment = scene.deployment("nightly", flow="load")
    scene.deployment("other", flow="load")

    html = paste(editor, draft, NAMED + HCL).content.decode()

    assert f'<option value="{deployment.pk}" selected>load / nightly</option>' in html
    assert "load / other" in html


def test_an_import_replaces_the_draft_and_can_be_undone(editor: Client, draft: Draft) -> None:
    deployment = scene.deployment("nightly", flow="load")
    chosen = {"want.0": str(deployment.pk)}

    response = paste(editor, draft, HCL, do="take", **chosen)

    assert response.headers["HX-Retarget"] == "#builder-panes"
    document = now(draft).document
    assert (document["name"], document["actions"][0]["deployment_id"]) == (
        "pasted",
        str(deployment.pk),
    )
    undone = drafts.undo(draft.pk, author="eda", rev=2, now=NOW)
    assert undone.draft.document == draft.document


def test_what_is_left_open_is_chosen_later(editor: Client, draft: Draft) -> None:
    paste(editor, draft, HCL, do="take", **{"want.0": "not an id"})

    assert now(draft).document["actions"] == [{"type": "run-deployment", "source": "selected"}]


def test_one_of_several_is_chosen(editor: Client, draft: Draft) -> None:
    several = json.dumps([{**DOCUMENT, "name": name} for name in ("one", "two", "three")])

    html = paste(editor, draft, several, which="2").content.decode()
    paste(editor, draft, several, which="2", do="take")

    assert "3 automations in this text" in html
    assert re.search(r'value="2" checked', html)
    assert now(draft).document["name"] == "three"


@pytest.mark.parametrize(
    "pasted", ["", "\0", "import os\nos.remove('a')", "resource {", "x" * 300_000]
)
def test_a_text_that_holds_no_automation_is_422(pasted: str, editor: Client, draft: Draft) -> None:
    response = paste(editor, draft, pasted, do="take", which="9" * 5000)

    assert response.status_code == 422
    assert "Look at it" in response.content.decode()
    assert now(draft).rev == 1


def test_without_a_script_an_import_leads_back_to_the_page(editor: Client, draft: Draft) -> None:
    sent = {"pasted": text(name="pasted"), "do": "take"}

    response = editor.post(f"/builder/{draft.pk}/import/", sent)

    assert response.headers["Location"].startswith(f"/builder/{draft.pk}/?pane=yaml")
    assert now(draft).document["name"] == "pasted"
