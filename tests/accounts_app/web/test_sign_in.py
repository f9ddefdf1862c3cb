"""Signing in: where one lands, and how often one may guess."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client

from project.lib import hashing, password_attempts, redis_client

PASSWORD = "a long enough password"
FORM = {"username": "ada", "password": PASSWORD}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ada() -> Iterator[User]:
    yield User.objects.create_user("ada", password=PASSWORD)
    for key in redis_client.client().keys("flint:sign-in:*"):
        redis_client.client().delete(key)


def test_the_right_password_opens_the_workbench(client: Client) -> None:
    answer = client.post("/sign-in/", FORM)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/automations/?q=a", "/automations/?q=a"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("foo", "/"),
        ("foo/bar", "/"),
        ("?q=a", "/"),
        ("sign-in", "/"),
        ("/a\nb", "/a%0Ab"),
        ("/" + "x" * 3000, "/"),
        ("\0", "/"),
    ],
)
def test_one_lands_where_one_wanted_to_but_never_elsewhere(
    client: Client, target: str, lands: str
) -> None:
    assert client.post("/sign-in/", {**FORM, "next": target})["Location"] == lands


@pytest.mark.parametrize("target", ["foo", "sign-in", "a b", "[", "http://[", "%", "\udcff"])
def test_any_target_of_somebody_signed_in_is_answered(client: Client, target: str) -> None:
    client.force_login(User.objects.get())

    answer = client.get("/sign-in/", {"next": target.encode("utf-8", "replace")})

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(client: Client) -> None:
    wrong = client.post("/sign-in/", {**FORM, "password": "wrong"})
    unknown = client.post("/sign-in/", {**FORM, "username": "nobody"})

    assert wrong.status_code == unknown.status_code == 422
    assert "do not belong together" in wrong.content.decode()
    assert "do not belong together" in unknown.content.decode()


def test_after_ten_failures_even_the_right_password_waits(client: Client) -> None:
    for _ in range(password_attempts.MAX_ATTEMPTS):
        client.post("/sign-in/", {**FORM, "password": "wrong"})

    answer = client.post("/sign-in/", FORM)

    assert answer.status_code == 429
    assert "five minutes" in answer.content.decode()


def test_others_are_not_locked_out_by_it(client: Client) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    for _ in range(password_attempts.MAX_ATTEMPTS):
        client.post("/sign-in/", {**FORM, "password": "wrong"})

    assert client.post("/sign-in/", {**FORM, "username": "bob"}).status_code == 302


def test_a_success_forgets_the_failures(client: Client) -> None:
    for _ in range(password_attempts.MAX_ATTEMPTS - 1):
        client.post("/sign-in/", {**FORM, "password": "wrong"})
    client.post("/sign-in/", FORM)

    assert client.post("/sign-in/", {**FORM, "password": "wrong"}).status_code == 422


def test_a_busy_server_says_when_to_try_again_and_counts_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise hashing.Busy

    with monkeypatch.context() as patch:
        patch.setattr("accounts_app.web.sign_in.AuthenticationForm.is_valid", busy)
        answers = [client.post("/sign-in/", FORM) for _ in range(password_attempts.MAX_ATTEMPTS)]

    assert {(one.status_code, one["Retry-After"]) for one in answers} == {(503, "2")}
    assert 'value="ada"' in answers[0].content.decode()
    assert client.post("/sign-in/", FORM).status_code == 302


def test_what_was_typed_is_in_no_key(client: Client) -> None:
    client.post("/sign-in/", {"username": "my secret", "password": "x"})

    keys = redis_client.client().keys("flint:sign-in:*")

    assert len(keys) == 1
    assert b"secret" not in keys[0]


def test_a_sign_in_from_elsewhere_is_refused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", FORM)

    assert answer.status_code == 403


def test_signing_out_needs_a_post(client: Client) -> None:
    client.post("/sign-in/", FORM)

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_the_admin_uses_the_same_door(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/sign-in/?next=/admin/"


def test_who_is_not_staff_is_told_so_instead_of_being_sent_in_circles(client: Client) -> None:
    client.post("/sign-in/", FORM)

    assert client.get("/admin/login/?next=/admin/").status_code == 403


def test_the_admin_has_no_form_of_its_own_for_passwords(client: Client) -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    stranger = client.post("/admin/password_change/", {"old_password": "x"})
    client.post("/sign-in/", {**FORM, "username": "root"})

    assert stranger["Location"] == "/sign-in/?next=/account/"
    assert client.post("/admin/password_change/", {"old_password": "x"})["Location"] == "/account/"
