"""Keys of secrets at rest."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from project.lib import encryption
from project.lib.encryption import EncryptionKeys, MissingKey, keyring


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLINT_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def test_a_key_is_made_on_first_use_for_its_owner_only(data_dir: Path) -> None:
    encrypted = keyring().encrypt("s3cr3t")

    assert "s3cr3t" not in encrypted
    assert keyring().decrypt(encrypted) == "s3cr3t"
    assert (data_dir / "encryption_key").stat().st_mode & 0o777 == 0o600


def test_beside_other_machines_a_key_is_made_only_where_it_is_said(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example.org/flint")

    with pytest.raises(MissingKey, match="A key is missing on this machine"):
        keyring().encrypt("x")
    encryption.make_key()
    assert keyring().decrypt(keyring().encrypt("x")) == "x"


def test_equal_texts_are_not_seen_to_be_equal(data_dir: Path) -> None:
    assert keyring().encrypt("x") != keyring().encrypt("x")


def test_a_new_key_encrypts_and_the_one_before_still_decrypts(data_dir: Path) -> None:
    former = keyring()
    encrypted = former.encrypt("x")
    encryption.add_key(data_dir)

    assert keyring().newest != former.newest
    assert keyring().decrypt(encrypted) == "x"
    encryption.add_key(data_dir)
    encryption.drop_old_keys(data_dir)
    with pytest.raises(MissingKey, match=f"The key {former.newest}, with"):
        keyring().decrypt(encrypted)
    assert (data_dir / "encryption_key").stat().st_mode & 0o777 == 0o600


def test_keys_may_come_from_the_environment(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    encrypted = EncryptionKeys([old]).encrypt("x")
    monkeypatch.setenv("FLINT_ENCRYPTION_KEY", f"{new},{old}")

    assert keyring().decrypt(encrypted) == "x"
    assert keyring().newest == encryption.fingerprint_of(new)
    assert not (data_dir / "encryption_key").exists()


def test_what_is_no_key_is_told_without_showing_it() -> None:
    with pytest.raises(ValueError, match="is no key") as refused:
        EncryptionKeys(["hunter2"])

    assert "hunter2" not in str(refused.value)


def test_a_changed_text_is_not_decrypted() -> None:
    keys = EncryptionKeys([Fernet.generate_key().decode()])
    encrypted = keys.encrypt("x")

    with pytest.raises(MissingKey):
        keys.decrypt(encrypted[:-4] + "AAAA")
