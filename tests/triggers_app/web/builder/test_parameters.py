"""The template editor's addresses: what they show, and what an edit sends."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import Draft
from triggers_app.services.building import drafts

SCHEMA = {
    "type": "object",
    "required": ["customer"],
    "properties": {
        "customer": {"type": "string", "position": 0},
        "limit": {"type": "integer", "minimum": 1, "position": 1},
        "mode": {"enum": ["append", "replace"], "default": "append", "position": 2},
    },
}


@pytest.fixture
def draft(editor: Client) -> Draft:
    deployment = scene.deployment(parameter_openapi_schema=SCHEMA)
    scene.event(payload={"rows": 5210, "max_rows": "5000"})
    return new_draft(
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": str(deployment.pk),
            "parameters": {"customer": "{{ event.resource.customer }}", "limit": 5},
        }
    )


def new_draft(*actions: dict[str, Any], **fields: Any) -> Draft:
    trigger = {"type": "event", "posture": "Reactive", "expect": ["orders.file.landed"],
               "threshold": 1, "within": 0, "match": {}}  # fmt: skip
    document = {"name": "a", "trigger": trigger, "actions": list(actions), **fields}
    return drafts.open_new(document, author="eda", now=scene.NOW)


def address(name: str, draft: Draft) -> str:
    return reverse(f"builder:{name}", args=[draft.pk])


def rows(draft: Draft, **posted: str) -> dict[str, str]:
    """The form as the page shows it, with some fields changed."""
    form = {
        "place": "actions.0", "rev": str(draft.rev), "shape": "wwc",
        "row.0.name": "customer", "row.0.choice": "template",
        "row.0.text": "{{ event.resource.customer }}",
        "row.1.name": "limit", "row.1.choice": "literal", "row.1.text": "5",
        "row.2.name": "mode", "row.2.choice": "unset",
    }  # fmt: skip
    return form | {name.replace("_", "."): value for name, value in posted.items()}


def test_shows_every_parameter_of_the_schema_rendered(editor: Client, draft: Draft) -> None:
    html = editor.get(address("parameters", draft), headers=HTMX).content.decode()

    assert html.count('data-label="Given as"') == 3
    assert "<code>&#34;acme&#34;</code>" in html
    assert "In order for this event" in html
