"""The builder's page: whose it is, what it shows, what it costs."""

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.web import scene
from triggers_app.models import Draft


def edit(pk: object) -> str:
    return reverse("builder:edit", args=[pk])


def test_editing_an_automation_shows_its_draft(editor: Client) -> None:
    automation = scene.automation(runs=scene.deployment())

    html = editor.get(edit(automation.pk)).content.decode()

    assert 'value="orders-landed"' in html
    assert "orders.file.landed happens" in html
    assert Draft.objects.get().automation_id == automation.pk
