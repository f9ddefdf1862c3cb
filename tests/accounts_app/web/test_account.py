from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from accounts_app.models import ApiKey
from accounts_app.services import access
from project.lib import hashing, password_attempts, redis_client
from project.lib.clock import utcnow
from tests.web.fixtures import HTMX, signed_in

OLD, NEW = "a spark in the dark", "a flame in the rain"


@pytest.fixture
def admin(db: None) -> Iterator[Client]:
    yield signed_in(User.objects.create_superuser("ada", password=OLD))
    for key in redis_client.client().keys("flint:sign-in:*"):
        redis_client.client().delete(key)


def changed(old: str, new: str, again: str) -> dict[str, str]:
    return {"old_password": old, "new_password1": new, "new_password2": again}


def test_password_is_changed_and_the_session_stays(admin: Client) -> None:
    response = admin.post("/account/password/", changed(OLD, NEW, NEW), headers=HTMX)

    assert User.objects.get().check_password(NEW)
    assert "Your password is changed." in response.content.decode()
    assert admin.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        (changed("wrong", NEW, NEW), "old_password"),
        (changed(OLD, NEW, "other"), "new_password2"),
        (changed(OLD, "short", "short"), "new_password2"),
    ],
    ids=["old", "again", "short"],
)
def test_wrong_password_is_refused_at_its_field(
    typed: dict[str, str], place: str, admin: Client
) -> None:
    response = admin.post("/account/password/", typed, headers=HTMX)

    assert response.status_code == 422
    assert f'aria-describedby="field-{place}-said" aria-invalid="true"' in response.content.decode()
    assert User.objects.get().check_password(OLD)


def test_guessing_the_present_password_is_bounded_as_signing_in_is(admin: Client) -> None:
    for _ in range(password_attempts.MAX_ATTEMPTS):
        admin.post("/account/password/", changed("wrong", NEW, NEW))

    answer = admin.post("/account/password/", changed(OLD, NEW, NEW), headers=HTMX)
    at_the_door = Client().post("/sign-in/", {"username": "ada", "password": OLD})

    assert (answer.status_code, answer["Flint-Fragment"]) == (429, "true")
    assert "Wait five minutes" in answer.content.decode()
    assert at_the_door.status_code == 429
    assert User.objects.get().check_password(OLD)


def test_mistyping_the_new_password_is_no_guess(admin: Client) -> None:
    for _ in range(password_attempts.MAX_ATTEMPTS + 1):
        answer = admin.post("/account/password/", changed(OLD, NEW, "other"))

    assert answer.status_code == 422


def test_a_busy_server_changes_no_password(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise hashing.Busy

    monkeypatch.setattr("accounts_app.web.account.PasswordChangeForm.is_valid", busy)
    answer = admin.post("/account/password/", changed(OLD, NEW, NEW), headers=HTMX)

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "Try again in a few seconds" in answer.content.decode()


def test_key_is_shown_once_and_opens_the_door_until_it_is_revoked(admin: Client) -> None:
    html = admin.post("/account/keys/", {"name": "n", "role": "editor"}, headers=HTMX).content
    text = html.decode().split("<code>flint_")[1].split("<")[0]
    header = f"Bearer flint_{text}"
    before = access.authenticate(header, now=utcnow())

    admin.post(f"/account/keys/{ApiKey.objects.get().pk}/revoke/", headers=HTMX)

    assert before is not None and before.name == "n"
    assert access.authenticate(header, now=utcnow()) is None
    assert text not in admin.get("/account/").content.decode()


@pytest.mark.parametrize("typed", [{}, {"name": "n"}, {"name": "", "role": "viewer"},
                                   {"name": "n", "role": "god"}])  # fmt: skip
def test_key_without_name_or_role_is_refused(typed: dict[str, str], admin: Client) -> None:
    assert admin.post("/account/keys/", typed, headers=HTMX).status_code == 422
    assert not ApiKey.objects.exists()


def test_revoked_key_is_not_revoked_again(admin: Client) -> None:
    key = ApiKey.objects.create(name="n", digest=b"1" * 32, revoked=utcnow())

    assert admin.post(f"/account/keys/{key.pk}/revoke/").status_code == 404


def test_only_admins_make_keys_and_see_the_style_guide(editor: Client, admin: Client) -> None:
    asked = {"name": "n", "role": "viewer"}

    assert editor.post("/account/keys/", asked).status_code == 403
    assert [c.get("/styleguide/").status_code for c in (editor, admin)] == [403, 200]
    assert "API keys are made by admins." in editor.get("/account/").content.decode()


@pytest.mark.parametrize(("theme", "kept"), [("dark", "dark"), ("", ""), ("pink", "")])
def test_theme_is_kept_in_a_cookie(theme: str, kept: str, admin: Client) -> None:
    response = admin.post("/account/theme/", {"theme": theme})

    assert (response.status_code, response.cookies["theme"].value) == (302, kept)
