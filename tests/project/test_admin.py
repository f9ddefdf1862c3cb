"""Django's admin: shows our tables, and changes none of them but the end of a key."""

from importlib import import_module

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from accounts_app.models import ApiKey, Role
from accounts_app.services import access
from project.lib.clock import utcnow

import_module("project.urls")  # registers the tables
pytestmark = pytest.mark.django_db
OURS = [
    model._meta
    for model in admin.site._registry
    if model._meta.app_label in {"events_app", "runs_app", "triggers_app"}
]


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.mark.parametrize("meta", OURS, ids=lambda meta: meta.model_name)
def test_tables_are_shown_and_not_changed(root: Client, meta: object) -> None:
    name = f"admin:{meta.app_label}_{meta.model_name}"  # type: ignore[attr-defined]

    assert root.get(reverse(f"{name}_changelist")).status_code == 200
    assert root.get(reverse(f"{name}_add")).status_code == 403


def test_a_key_is_revoked_and_its_digest_not_shown(root: Client) -> None:
    access.create_key("old", Role.EDITOR, utcnow())
    key = ApiKey.objects.get()
    page = root.get(reverse("admin:accounts_app_apikey_change", args=[key.pk]))

    root.post(
        reverse("admin:accounts_app_apikey_changelist"),
        {"action": "revoke", "_selected_action": [key.pk]},
    )

    key.refresh_from_db()
    assert key.revoked is not None
    assert "digest" not in page.content.decode()


def test_keys_are_the_superusers_business(client: Client) -> None:
    client.force_login(User.objects.create_user("staff", is_staff=True))

    assert client.get(reverse("admin:accounts_app_apikey_changelist")).status_code == 403
