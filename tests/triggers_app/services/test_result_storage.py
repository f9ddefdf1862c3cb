"""Where clients put the results of flows."""

from uuid import uuid4

import pytest
from django.test import Client

from tests.triggers_app.api.conftest import Call, api
from tests.triggers_app.block_rows import block_row
from triggers_app.models import BlockDocument

__all__ = ["api"]
pytestmark = pytest.mark.django_db
PATH = "/admin/storage"


def chosen(api: Call) -> str | None:
    value: str | None = api("GET", PATH).json()["default_result_storage_block_id"]
    return value


def test_a_storage_is_chosen_changed_and_cleared(api: Call) -> None:
    ids = [str(block_row("local-file-system", {}, name=name).pk) for name in ("a", "b")]

    for block_id in ids:
        body = {"default_result_storage_block_id": block_id}
        answer = api("PUT", PATH, body)
        assert (answer.status_code, answer.json()) == (200, body)
        assert chosen(api) == block_id
    assert api("DELETE", PATH).status_code == 204
    assert chosen(api) is None


def test_what_keeps_no_results_is_refused(api: Call) -> None:
    hook = {"default_result_storage_block_id": str(block_row("webhook", {}).pk)}
    gone = {"default_result_storage_block_id": str(uuid4())}

    assert api("PUT", PATH, hook).status_code == 422
    assert api("PUT", PATH, gone).status_code == 404
    assert api("PUT", PATH, {}).status_code == 422
    assert chosen(api) is None


def test_a_deleted_storage_is_chosen_no_more(api: Call, client: Client) -> None:
    block = block_row("local-file-system", {})
    api("PUT", PATH, {"default_result_storage_block_id": str(block.pk)})

    api("DELETE", f"/block_documents/{block.pk}")

    assert chosen(api) is None
    assert not BlockDocument.objects.exists()
