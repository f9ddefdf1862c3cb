"""The API's door, from outside."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from accounts_app.api.access import needed_role
from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow

VERSION = "/api/admin/version"


def key_of(role: Role) -> str:
    return "Bearer " + access.create_key(role.value, role, utcnow())


@pytest.mark.django_db
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}], ids=["none", "wrong"])
def test_strangers_are_unauthorized(client: Client, header: dict[str, str]) -> None:
    answer = client.get(VERSION, headers=header)

    assert answer.status_code == 401
    assert answer.json() == {"exception_message": "Unauthorized"}


@pytest.mark.django_db
def test_a_key_is_let_in(client: Client) -> None:
    answer = client.get(VERSION, headers={"Authorization": key_of(Role.VIEWER)})

    assert (answer.status_code, answer.json()) == (200, "3.9.1")


@pytest.mark.django_db
def test_a_wrong_key_is_not_excused_by_a_session(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))

    assert client.get(VERSION, headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.django_db
def test_a_session_is_let_in(client: Client) -> None:
    client.force_login(User.objects.create_user("someone"))

    assert client.get(VERSION).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("GET", "/api/automations/owned-by/x", Role.VIEWER),
        ("HEAD", "/api/flows/1", Role.VIEWER),
        ("POST", "/api/flow_runs/filter", Role.VIEWER),
        ("POST", "/api/flow_runs/filter/", Role.VIEWER),
        ("POST", "/api/automations/count", Role.VIEWER),
        ("POST", "/api/events/count-by/day", Role.VIEWER),
        ("POST", "/api/flow_runs/history", Role.VIEWER),
        ("POST", "/api/templates/validate", Role.VIEWER),
        ("POST", "/api/automations", Role.EDITOR),
        ("POST", "/api/deployments/filter/create_flow_run", Role.EDITOR),
        ("PATCH", "/api/automations/1", Role.EDITOR),
        ("DELETE", "/api/flow_runs/filter", Role.EDITOR),
        ("PUT", "/api/automations/count", Role.EDITOR),
    ],
)
def test_reading_needs_a_viewer_and_the_rest_an_editor(method: str, path: str, role: Role) -> None:
    request = HttpRequest()
    request.method, request.path = method, path

    assert needed_role(request) == role
