"""The template editor's addresses: what they show, and what an edit sends."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.triggers_app.block_rows import block_row
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft

SCHEMA = {
    "type": "object",
    "required": ["customer"],
    "properties": {
        "customer": {"type": "string", "position": 0},
        "limit": {"type": "integer", "minimum": 1, "position": 1},
        "mode": {"enum": ["append", "replace"], "default": "append", "position": 2},
    },
}


@pytest.fixture
def draft(editor: Client) -> Draft:
    deployment = scene.deployment(parameter_openapi_schema=SCHEMA)
    scene.event(payload={"rows": 5210, "max_rows": "5000"})
    return new_draft(
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": str(deployment.pk),
            "parameters": {"customer": "{{ event.resource.customer }}", "limit": 5},
        }
    )


def new_draft(*actions: dict[str, Any], **fields: Any) -> Draft:
    trigger = {"type": "event", "posture": "Reactive", "expect": ["orders.file.landed"],
               "threshold": 1, "within": 0, "match": {}}  # fmt: skip
    document = {"name": "a", "trigger": trigger, "actions": list(actions), **fields}
    return drafts.open_new(document, author="eda", now=scene.NOW)


def address(name: str, draft: Draft) -> str:
    return reverse(f"builder:{name}", args=[draft.pk])


def rows(draft: Draft, **posted: str) -> dict[str, str]:
    """The form as the page shows it, with some fields changed."""
    form = {
        "place": "actions.0", "rev": str(draft.rev), "shape": "wwc",
        "row.0.name": "customer", "row.0.choice": "template",
        "row.0.text": "{{ event.resource.customer }}",
        "row.1.name": "limit", "row.1.choice": "literal", "row.1.text": "5",
        "row.2.name": "mode", "row.2.choice": "unset",
    }  # fmt: skip
    return form | {name.replace("_", "."): value for name, value in posted.items()}


def test_shows_every_parameter_of_the_schema_rendered(editor: Client, draft: Draft) -> None:
    html = editor.get(address("parameters", draft), headers=HTMX).content.decode()

    assert html.count('data-label="Source"') == 3
    assert "<code>&#34;acme&#34;</code>" in html
    assert "In order for this event" in html


def edited(editor: Client, draft: Draft, **posted: str) -> str:
    response = editor.post(address("parameters-edit", draft), rows(draft, **posted), headers=HTMX)
    draft.refresh_from_db()
    assert response.status_code == 200
    return response.content.decode()


def parameters_of(draft: Draft) -> Any:
    return draft.document["actions"][0]["parameters"]


def test_edit_of_a_value_is_kept_and_answers_its_check_alone(editor: Client, draft: Draft) -> None:
    html = edited(editor, draft, row_1_text="many")

    assert parameters_of(draft)["limit"] == "many"
    assert "&#39;many&#39; is not of type &#39;integer&#39;." in html
    assert (html.count('id="out-actions-0-'), 'id="given-' in html) == (3, False)


def test_untouched_form_changes_nothing(editor: Client, draft: Draft) -> None:
    edited(editor, draft)

    assert draft.rev == 1


def test_text_in_an_unset_row_sets_it(editor: Client, draft: Draft) -> None:
    edited(editor, draft, row_1_choice="unset")
    late = rows(draft, row_1_choice="unset", row_1_text="{{ event.payload.rows }}")

    editor.post(address("parameters-edit", draft), late, headers=HTMX)

    draft.refresh_from_db()
    assert parameters_of(draft)["limit"] == "{{ event.payload.rows }}"


def test_choosing_not_set_takes_the_value_away(editor: Client, draft: Draft) -> None:
    edited(editor, draft, row_1_choice="unset")

    assert parameters_of(draft) == {"customer": "{{ event.resource.customer }}"}


def test_choice_becomes_a_template_and_gets_its_field(editor: Client, draft: Draft) -> None:
    edited(editor, draft, row_2_choice='is:"replace"')
    assert parameters_of(draft)["mode"] == "replace"

    html = edited(editor, draft, row_2_choice="template", row_2_text="{{ 'append' }}")

    assert 'id="given-actions-0-2" hx-swap-oob="true"' in html
    assert parameters_of(draft)["mode"] == "{{ 'append' }}"


def test_help_of_an_undefined_name_sets_the_row_and_its_field(editor: Client, draft: Draft) -> None:
    html = edited(editor, draft, row_1_choice="template", row_1_text="{{ event.payload.max_row }}")
    assert ">use max_rows</button>" in html
    form = {"place": "actions.0", "rev": str(draft.rev), "shape": "wwc",
            "help": '["limit", "template", "{{ event.payload.max_rows }}"]'}  # fmt: skip

    response = editor.post(address("parameters-edit", draft), form, headers=HTMX)

    draft.refresh_from_db()
    assert parameters_of(draft)["limit"] == "{{ event.payload.max_rows }}"
    assert 'id="given-actions-0-1" hx-swap-oob="true"' in response.content.decode()


def test_all_parameters_are_replaced_by_json(editor: Client, draft: Draft) -> None:
    form = {"place": "actions.0", "rev": "1", "object": "parameters", "parameters": '{"z": [1.0]}'}

    html = editor.post(address("parameters-edit", draft), form, headers=HTMX).content.decode()

    draft.refresh_from_db()
    assert parameters_of(draft) == {"z": [1.0]}
    assert 'id="texts-actions-0"' in html


@pytest.mark.parametrize(
    ("text", "told"),
    [('{"a": 1 2}', "line 1, column 9"), ("[1]", "It must be a JSON object")],
    ids=["no JSON", "no object"],
)
def test_json_that_cannot_be_taken_says_where(
    text: str, told: str, editor: Client, draft: Draft
) -> None:
    form = {"place": "actions.0", "rev": "1", "object": "parameters", "parameters": text}

    html = editor.post(address("parameters-edit", draft), form, headers=HTMX).content.decode()

    draft.refresh_from_db()
    assert (draft.rev, told in html) == (1, True)


def test_late_edit_changes_only_what_was_typed(editor: Client, draft: Draft) -> None:
    early = rows(draft, row_1_text="7")
    edited(editor, draft, row_0_text="{{ event.id }}")

    editor.post(address("parameters-edit", draft), early, headers=HTMX)

    draft.refresh_from_db()
    assert parameters_of(draft) == {"customer": "{{ event.id }}", "limit": 7}


def test_edit_sends_the_sentence_and_the_new_revision(editor: Client, draft: Draft) -> None:
    response = editor.post(
        address("parameters-edit", draft), rows(draft, row_1_text="6"), headers=HTMX
    )

    assert response.headers["HX-Trigger"] == '{"rev-changed": {"rev": 2}}'
    assert 'id="builder-sentence"' in response.content.decode()


def test_without_a_script_it_goes_back_to_the_page(editor: Client, draft: Draft) -> None:
    response = editor.post(address("parameters-edit", draft), rows(draft, row_1_text="6"))

    assert response.headers["Location"] == f"/builder/{draft.pk}/?tab=parameters#texts-actions-0"


def test_region_that_shows_the_same_is_left_alone(editor: Client, draft: Draft) -> None:
    html = editor.get(address("parameters", draft), headers=HTMX).content.decode()
    seen = html.split('name="seen" value="')[1].split('"')[0]

    again = editor.get(address("parameters", draft) + f"?seen={seen}", headers=HTMX)
    edited(editor, draft, row_1_text="6")
    later = editor.get(address("parameters", draft) + f"?seen={seen}", headers=HTMX)

    assert (again.status_code, later.status_code) == (204, 200)


def test_pasted_event_is_tried_and_can_be_left_again(editor: Client, draft: Draft) -> None:
    event = '{"event": "a", "resource": {"prefect.resource.id": "r", "customer": "umbra"}}'

    html = editor.post(
        address("parameters-event", draft), {"pasted": event}, headers=HTMX
    ).content.decode()
    usual = editor.post(address("parameters-event", draft), {}, headers=HTMX).content.decode()

    assert ("umbra" in html, "umbra" in usual, "acme" in usual) == (True, False, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "This is not JSON"), ("{}", "event"), ("[]", "event"), ("1", "event")],
    ids=["no JSON", "no name", "a list", "a number"],
)
def test_what_is_no_event_is_refused_and_stays(
    text: str, told: str, editor: Client, draft: Draft
) -> None:
    response = editor.post(address("parameters-event", draft), {"pasted": text}, headers=HTMX)

    assert (response.status_code, told in response.content.decode()) == (422, True)


def test_chosen_event_is_tried(editor: Client, draft: Draft) -> None:
    other = scene.event(seq=1, received=scene.ago(9999), payload={"rows": 77})
    edited(editor, draft, row_1_text="{{ event.payload.rows }}", row_1_choice="template")

    html = editor.post(
        address("parameters-event", draft), {"event": str(other.id)}, headers=HTMX
    ).content.decode()

    assert "<code>77</code>" in html


@pytest.mark.parametrize("name", ["parameters", "parameters-firings"])
def test_draft_is_its_authors(name: str, draft: Draft, db: None) -> None:
    other = signed_in(User.objects.create_user("otto", is_staff=True))

    assert other.get(address(name, draft)).status_code == 404


@pytest.mark.parametrize("name", ["parameters-edit", "parameters-event"])
def test_viewer_may_not_edit(name: str, viewer: Client, draft: Draft) -> None:
    assert viewer.post(address(name, draft), {"place": "actions.0"}).status_code == 403


@pytest.mark.parametrize(
    "form",
    [
        {"place": "nowhere.0"},
        {"place": "actions.-1"},
        {"place": "actions.0", "object": "name"},
        {"place": "actions.0", "help": "[]"},
        {"place": "actions.0", "help": '["a", "unset", 3]'},
    ],
    ids=str,
)
def test_what_no_form_sends_is_not_found(
    form: dict[str, str], editor: Client, draft: Draft
) -> None:
    assert editor.post(address("parameters-edit", draft), form).status_code == 404


def test_action_that_is_gone_is_told(editor: Client, draft: Draft) -> None:
    form = rows(draft) | {"place": "actions.7"}

    html = editor.post(address("parameters-edit", draft), form, headers=HTMX).content.decode()

    assert "This action is not there any more" in html


def test_what_would_be_sent_is_shown_without_secrets(editor: Client, draft: Draft) -> None:
    secret = "https://hooks.slack.com/services/T0/secret"
    block = block_row("slack-webhook", {"url": secret}, name="s")
    told = {"type": "send-notification", "block_document_id": str(block.pk),
            "subject": "{{ event.payload.rows }}", "body": secret}  # fmt: skip

    html = editor.get(address("parameters", new_draft(told)), headers=HTMX).content.decode()

    assert "https://hooks.slack.com/********" in html
    assert "{&#34;text&#34;: &#34;*5210*\\n\\n********&#34;}" in html
