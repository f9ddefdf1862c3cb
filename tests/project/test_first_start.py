"""The first user and key."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from accounts_app.models import ApiKey, Role
from accounts_app.services import access
from project import first_start
from project.announcement import ready_text
from project.lib.clock import utcnow

pytestmark = pytest.mark.django_db
NAMES = ("FLINT_ADMIN_PASSWORD", "FLINT_API_KEY")


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_what_is_made_up_opens_both_doors(tmp_path: Path) -> None:
    credentials = first_start.ensure(tmp_path)

    key = credentials.made_up["FLINT_API_KEY"]
    identity = access.authenticate(f"Bearer {key}", now=utcnow())
    assert identity is not None and identity.role == Role.ADMIN
    assert User.objects.get().check_password(credentials.made_up["FLINT_ADMIN_PASSWORD"])


def test_it_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    credentials = first_start.ensure(tmp_path)

    assert credentials.file.stat().st_mode & 0o777 == 0o600
    assert credentials.made_up["FLINT_API_KEY"] in credentials.file.read_text()


def test_it_is_printed_at_the_first_start_only(tmp_path: Path) -> None:
    first = first_start.ensure(tmp_path)
    second = first_start.ensure(tmp_path)

    secrets = list(first.made_up.values())
    assert all(secret in ready_text("http://x", first) for secret in secrets)
    assert not any(secret in ready_text("http://x", second) for secret in secrets)
    assert str(first.file) in ready_text("http://x", second)


def test_a_start_that_was_cut_short_keeps_what_it_wrote(tmp_path: Path) -> None:
    first = first_start.ensure(tmp_path)
    User.objects.all().delete()
    ApiKey.objects.all().delete()

    assert first_start.ensure(tmp_path).made_up == first.made_up


def test_given_secrets_are_used_and_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLINT_ADMIN_PASSWORD", "given password")
    monkeypatch.setenv("FLINT_API_KEY", "given key")

    credentials = first_start.ensure(tmp_path)

    assert (credentials.made_up, credentials.file.exists()) == ({}, False)
    assert access.authenticate("Bearer given key", now=utcnow()) is not None
    assert User.objects.get().check_password("given password")


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("FLINT_API_KEY_FILE", str(tmp_path / "key"))

    first_start.ensure(tmp_path)

    assert access.authenticate("Bearer from a file", now=utcnow()) is not None


def test_later_starts_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_start.ensure(tmp_path)
    monkeypatch.setenv("FLINT_API_KEY", "too late")

    again = first_start.ensure(tmp_path)

    assert not again.first
    assert access.authenticate("Bearer too late", now=utcnow()) is None
    assert (User.objects.count(), ApiKey.objects.count()) == (1, 1)


def test_warnings_are_the_last_that_is_said_when_it_is_ready(tmp_path: Path) -> None:
    credentials = first_start.Credentials(tmp_path / "credentials", {}, first=False)

    text = ready_text("http://x", credentials, ["one", "two"])

    assert text.rstrip().splitlines()[-1] == "  Warning: two"
    assert "Warning" not in ready_text("http://x", credentials)
