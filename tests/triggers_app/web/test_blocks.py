"""Blocks on their pages: secrets are written, and never shown."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.triggers_app.block_rows import block_row
from triggers_app.models import BlockDocument, BlockReference, BlockSchema
from triggers_app.services import block_types

URL = "https://hooks.example.org/t0k3n"


def created(editor: Client, slug: str, **typed: str) -> Any:
    body = {"name": "b", **{f"data.{name}": text for name, text in typed.items()}}
    return editor.post(f"/blocks/new/{slug}/create/", body)


def test_blocks_are_listed_with_their_types(viewer: Client, editor: Client) -> None:
    block = block_row("slack-webhook", {"url": URL}, name="ops")
    BlockDocument.objects.create(
        name="anonymous-1",
        block_type=block.block_type,
        block_schema=block.block_schema,
        is_anonymous=True,
    )

    seen = viewer.get("/blocks/").content.decode()
    whole = editor.get("/blocks/").content.decode()

    assert "ops" in seen and "Slack Webhook" in seen and "1 block" in seen
    assert "anonymous-1" not in seen and "/blocks/new/" not in seen
    assert "/blocks/new/pager-duty-webhook/" in whole
    assert "t0k3n" not in seen + whole


def test_a_form_has_the_fields_of_the_type(editor: Client) -> None:
    html = editor.get("/blocks/new/opsgenie-webhook/").content.decode()

    assert html.index("API key") < html.index("Teams") < html.index("Priority")
    assert 'type="password"' in html
    assert '<option value="us" selected>' in html


def test_a_block_is_created_from_what_is_typed(editor: Client) -> None:
    answer = created(
        editor,
        "opsgenie-webhook",
        apikey="s3cr3t",
        target_team="ops\n\n night ",
        priority="2",
        batch="true",
        details='{"a": "b"}',
        region_name="eu",
    )

    assert (answer.status_code, answer["Location"]) == (302, "/blocks/")
    assert BlockDocument.objects.get().data == {
        "apikey": "s3cr3t",
        "target_team": ["ops", "night"],
        "priority": 2,
        "batch": True,
        "details": {"a": "b"},
        "region_name": "eu",
    }


@pytest.mark.parametrize(
    ("slug", "typed", "sentence"),
    [
        ("webhook", {"url": "ftp://x"}, "<code>url</code> must be an address"),
        ("webhook", {}, "URL is required."),
        ("webhook", {"url": URL, "headers": "{"}, "This is not JSON."),
        ("webhook", {"url": URL, "method": "DANCE"}, "Choose one of the list."),
        ("smb", {"share_path": "s", "smb_host": "h", "smb_port": "x"}, "This is not a number."),
        ("discord-webhook", {}, "needs <code>webhook_id</code> and <code>webhook_token</code>"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(
    editor: Client, slug: str, typed: dict[str, str], sentence: str
) -> None:
    answer = created(editor, slug, **typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not BlockDocument.objects.exists()


def test_a_name_is_plain_and_taken_once(editor: Client) -> None:
    assert created(editor, "secret", value="x").status_code == 302
    assert "has this name" in created(editor, "secret", value="x").content.decode()
    body = {"name": "Big Name", "data.value": "x"}
    assert editor.post("/blocks/new/secret/create/", body).status_code == 422
    assert BlockDocument.objects.count() == 1


def test_what_is_left_empty_keeps_a_secret_and_clears_the_rest(editor: Client) -> None:
    data = {"hostname": "h", "token": "s3cr3t", "botname": "bot", "channels": ["a"]}
    block = block_row("mattermost-webhook", data)
    html = editor.get(f"/blocks/{block.pk}/").content.decode()
    body = {"data.hostname": "other", "data.token": "", "data.botname": "", "data.port": ""}

    answer = editor.post(f"/blocks/{block.pk}/change/", body)

    assert "s3cr3t" not in html and "Unchanged" in html
    assert answer.status_code == 302
    kept = BlockDocument.objects.get().data
    assert (kept["hostname"], kept["token"], kept["botname"]) == ("other", "s3cr3t", None)
    assert (kept["port"], kept["channels"]) == (8065, None)


def test_masked_headers_stay_what_they_are(editor: Client) -> None:
    block = block_row("webhook", {"url": URL, "headers": {"X-Key": "s3cr3t"}})
    html = editor.get(f"/blocks/{block.pk}/").content.decode()
    body = {"data.headers": '{"X-Key": "********", "X-More": "1"}', "data.method": "PUT"}

    assert "X-Key" in html and "s3cr3t" not in html
    assert editor.post(f"/blocks/{block.pk}/change/", body).status_code == 302
    assert BlockDocument.objects.get().data == {
        "url": URL,
        "method": "PUT",
        "headers": {"X-Key": "s3cr3t", "X-More": "1"},
    }


def test_headers_do_not_go_to_another_server(editor: Client) -> None:
    block = block_row("webhook", {"url": URL, "headers": {"X-Key": "s3cr3t"}})
    body = {"data.url": "https://evil.example.org/", "data.headers": '{"X-Key": "********"}'}

    assert editor.post(f"/blocks/{block.pk}/change/", body).status_code == 422
    assert BlockDocument.objects.get().data["url"] == URL


def test_a_block_nests_one_that_is_chosen(editor: Client) -> None:
    inner = block_row("secret", {"value": "x"}, name="inner")
    outer_type = block_types.type_row("smb")
    assert outer_type is not None
    fields = {
        "properties": {"key": {"title": "Key"}},
        "block_schema_references": {"key": {"block_type_slug": "secret"}},
    }
    BlockSchema.objects.create(block_type=outer_type, checksum="c", fields=fields)

    assert "inner" in editor.get("/blocks/new/smb/").content.decode()
    assert created(editor, "smb", key=str(inner.pk)).status_code == 302
    assert BlockReference.objects.get().child == inner
    block = BlockDocument.objects.get(name="b")
    assert f'<option value="{inner.pk}" selected>' in (
        editor.get(f"/blocks/{block.pk}/").content.decode()
    )
    assert created(editor, "smb", key=str(uuid4())).status_code == 422


def test_viewers_look_and_editors_delete(viewer: Client, editor: Client) -> None:
    block = block_row("secret", {"value": "s3cr3t"})

    assert "Save" not in viewer.get(f"/blocks/{block.pk}/").content.decode()
    assert viewer.get("/blocks/new/secret/").status_code == 403
    assert viewer.post(f"/blocks/{block.pk}/change/").status_code == 403
    assert viewer.post(f"/blocks/{block.pk}/delete/").status_code == 403
    assert editor.post(f"/blocks/{block.pk}/delete/").status_code == 302
    assert editor.post(f"/blocks/{block.pk}/delete/").status_code == 404
    assert editor.get(f"/blocks/{block.pk}/").status_code == 404
    assert editor.get("/blocks/new/nothing/").status_code == 404
