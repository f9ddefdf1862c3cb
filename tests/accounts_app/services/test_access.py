"""Who may come in: keys, roles, and the snapshot they are looked up in."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from accounts_app.models import ApiKey, Role
from accounts_app.services import access
from accounts_app.services.access import KeyIdentity, Keyring
from accounts_app.storage import keys

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["Bearer {}", "bearer  {}", "Bearer admin:{}"])
def test_a_key_opens_the_door(form: str) -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)

    identity = access.authenticate(form.format(key), now=NOW)

    assert identity is not None
    assert (identity.name, identity.role) == ("ci", Role.EDITOR)


@pytest.mark.django_db
def test_the_string_that_prefect_sends_opens_the_door() -> None:
    key = access.create_key("prefect", Role.ADMIN, NOW)

    assert access.authenticate(basic(f"admin:{key}"), now=NOW) is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer wrong",
        "Basic",
        "Basic !!!",
        "Basic /w==",
        basic("admin:"),
        basic("admin:wrong"),
        "Digest x",
        "Bearer \udcff",
    ],
)
def test_nothing_else_opens_it(header: str | None) -> None:
    access.create_key("ci", Role.EDITOR, NOW)

    assert access.authenticate(header, now=NOW) is None


@pytest.mark.django_db
def test_only_the_digest_of_a_key_is_stored() -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)

    stored = ApiKey.objects.values().get()

    assert key not in str(stored)
    assert key.startswith(stored["prefix"])


@pytest.mark.django_db
def test_of_a_short_key_of_ones_own_not_even_the_beginning_is_stored() -> None:
    access.create_key("ci", Role.EDITOR, NOW, key="opensesame")

    assert ApiKey.objects.get().prefix == ""
    assert access.authenticate("Bearer opensesame", now=NOW) is not None


@pytest.mark.django_db
def test_a_revoked_key_is_refused_within_five_seconds() -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)
    assert access.authenticate(f"Bearer {key}", now=NOW)
    ApiKey.objects.update(revoked=NOW)

    assert access.authenticate(f"Bearer {key}", now=NOW + timedelta(seconds=5)) is None


@pytest.mark.django_db
def test_the_key_of_a_deactivated_user_is_refused() -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)
    ApiKey.objects.update(owner=User.objects.create_user("gone", is_active=False))

    assert access.authenticate(f"Bearer {key}", now=NOW) is None


@pytest.mark.django_db
def test_a_key_younger_than_the_snapshot_is_found() -> None:
    ring = Keyring()
    ring.identify(["nobody"], now=NOW)
    key = access.create_key("new", Role.VIEWER, NOW)

    assert ring.identify([key], now=NOW + timedelta(seconds=1)) is not None


@pytest.mark.django_db
def test_guessing_does_not_cost_a_query_per_guess(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    ring = Keyring()
    ring.identify(["warm"], now=NOW)

    with django_assert_num_queries(1):  # the first guess looks whether the key is new
        for guess in range(100):
            moment = NOW + timedelta(seconds=1, milliseconds=guess)
            assert ring.identify([f"guess-{guess}"], now=moment) is None


@pytest.mark.django_db
def test_known_keys_go_on_working_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)
    access.authenticate(f"Bearer {key}", now=NOW)
    monkeypatch.setattr(keys, "live_keys", away)

    for minutes in (1, 2, 60):
        later = NOW + timedelta(minutes=minutes)
        assert access.authenticate(f"Bearer {key}", now=later) is not None


def test_keys_that_were_never_read_are_not_refused_but_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "live_keys", away)

    with pytest.raises(OperationalError):
        access.authenticate("Bearer any", now=NOW)


def away() -> list[keys.LiveKey]:
    raise OperationalError("the database is away")


@pytest.mark.django_db
def test_last_use_is_written_with_the_next_renewal() -> None:
    key = access.create_key("ci", Role.EDITOR, NOW)
    access.authenticate(f"Bearer {key}", now=NOW)
    assert ApiKey.objects.get().last_used is None

    access.authenticate(f"Bearer {key}", now=NOW + timedelta(seconds=6))

    assert ApiKey.objects.get().last_used == NOW


@pytest.fixture
def committed_key(transactional_db: None) -> str:
    return access.create_key("socket", Role.EDITOR, NOW)


async def test_async_code_reads_the_keys_in_a_thread(committed_key: str) -> None:
    key = committed_key

    assert await access.authenticate_async(f"Bearer {key}", now=NOW)
    assert await access.authenticate_token(f"admin:{key}", now=NOW)
    assert await access.authenticate_token(key, now=NOW)
    assert await access.authenticate_token(None, now=NOW) is None


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, [Role.VIEWER]),
        (Role.EDITOR, [Role.VIEWER, Role.EDITOR]),
        (Role.ADMIN, [Role.VIEWER, Role.EDITOR, Role.ADMIN]),
    ],
)
def test_a_role_includes_the_smaller_ones(role: Role, allowed: list[Role]) -> None:
    identity = KeyIdentity("x", role)

    assert [needed for needed in Role if access.may(identity, needed)] == allowed


@pytest.mark.parametrize(
    ("user", "role"),
    [
        (User(username="a", is_superuser=True), Role.ADMIN),
        (User(username="b", is_staff=True), Role.EDITOR),
        (User(username="c"), Role.VIEWER),
    ],
    ids=["superuser", "staff", "anyone"],
)
def test_users_have_roles_too(user: User, role: Role) -> None:
    assert access.identity_of_user(user).role == role
