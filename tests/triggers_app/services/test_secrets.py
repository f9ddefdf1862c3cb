"""Secrets of blocks at rest: encrypted, rotated, and told of when their key is missing."""

from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import override_settings

from project.lib import encryption
from project.lib.encrypted_json import LockedData
from project.management.commands.rotate_secrets import unreadable_blocks
from tests.triggers_app.api.conftest import Call, api
from tests.triggers_app.block_rows import block_row
from tests.triggers_app.services.test_sending import sent
from triggers_app.models import BlockDocument
from triggers_app.services import secrets

__all__ = ["api"]
pytestmark = pytest.mark.django_db
DATA = {"url": "https://hooks.example.org/t0k3n", "headers": {"X-Key": "s3cr3t"}}


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLINT_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(block_document::text, '') FROM block_document")
        text: str = cursor.fetchone()[0]
    return text


def test_the_database_holds_no_secret() -> None:
    block_row("webhook", DATA)

    assert "s3cr3t" not in stored()
    assert "hooks.example.org" not in stored()
    assert BlockDocument.objects.get().data == DATA


def test_a_rotation_encrypts_everything_with_a_new_key(data_dir: Path) -> None:
    block_row("webhook", DATA)
    former = encryption.keyring().newest

    encryption.add_key(data_dir)
    rotation = secrets.encrypt_again()
    encryption.drop_old_keys(data_dir)

    assert rotation == secrets.Rotation(encrypted=1, locked=0)
    newest = encryption.keyring().newest
    assert newest != former
    assert f"{newest}." in stored()
    assert f"{former}." not in stored()
    assert BlockDocument.objects.get().data == DATA
    assert encryption.keyring().fingerprints == [newest, former]


def test_a_rotation_leaves_alone_what_it_cannot_read(data_dir: Path) -> None:
    block_row("webhook", DATA, name="old")
    lost = encryption.keyring().newest
    key = (data_dir / "encryption_key").read_text()
    (data_dir / "encryption_key").unlink()
    block_row("webhook", DATA, name="new")

    assert secrets.encrypt_again() == secrets.Rotation(encrypted=1, locked=1)
    assert secrets.missing_keys() == {lost: 1}
    with override_settings(FLINT_DATA_DIR=data_dir):
        [line] = unreadable_blocks()
    assert line.startswith(f"The secrets of 1 block cannot be read: the key {lost} is missing.")
    (data_dir / "encryption_key").write_text(key)
    assert BlockDocument.objects.get(name="old").data == DATA


def test_without_its_key_a_block_is_refused_and_stays_as_it_was(data_dir: Path, api: Call) -> None:
    block = block_row("webhook", DATA)
    key = (data_dir / "encryption_key").read_text()
    (data_dir / "encryption_key").unlink()
    path = f"/block_documents/{block.pk}"

    assert isinstance(BlockDocument.objects.get().data, LockedData)
    assert api("POST", "/block_documents/filter", {"include_secrets": True}).status_code == 200
    refused = api("GET", f"{path}?include_secrets=true")
    assert refused.status_code == 409
    assert "is missing" in refused.json()["detail"]
    assert api("PATCH", path, {"data": {"method": "PUT"}}).status_code == 409
    with pytest.raises(encryption.MissingKey), transaction.atomic():
        BlockDocument.objects.get().save()
    (data_dir / "encryption_key").write_text(key)
    assert BlockDocument.objects.get().data == DATA


def test_a_block_without_its_key_gets_new_secrets(data_dir: Path, api: Call) -> None:
    block = block_row("webhook", DATA)
    (data_dir / "encryption_key").unlink()

    body = {"data": DATA, "merge_existing_data": False}
    assert api("PATCH", f"/block_documents/{block.pk}", body).status_code == 204
    assert BlockDocument.objects.get().data == DATA


def test_nothing_is_kept_on_a_machine_without_a_key(
    data_dir: Path, api: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/flint")
    body = {"name": "b", "block_type_slug": "webhook", "data": DATA}

    refused = api("POST", "/block_documents/", body)

    assert (refused.status_code, BlockDocument.objects.count()) == (503, 0)
    assert "missing on this machine" in refused.json()["detail"]


def test_an_action_says_which_key_is_missing(data_dir: Path) -> None:
    block = block_row("webhook", DATA)
    (data_dir / "encryption_key").unlink()
    run = sent({"type": "call-webhook", "block_document_id": str(block.pk)})

    assert run.state == "rejected"
    assert str(run.reason).startswith("The secrets of its block cannot be read. The key")
