"""A person at the form of the builder: what they see in it, and what they send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Automation, Draft

NOW = timezone.now()
NODE = "7f3cbb8e-0c5e-4b5e-9a59-000000000001"
SECOND = "7f3cbb8e-0c5e-4b5e-9a59-000000000002"
GROUP = "7f3cbb8e-0c5e-4b5e-9a59-00000000000a"


@dataclass
class Sheet:
    """The form of one draft, as the page showed it when it was opened or reloaded."""

    client: Client
    draft: Draft

    @property
    def fields(self) -> dict[str, str]:
        return drafts.form_of(self.draft)

    def now(self) -> Draft:
        return Draft.objects.get(pk=self.draft.pk)

    def post(self, name: str, changed: Mapping[str, str], headers: Any = None) -> HttpResponse:
        data = {**self.fields, "rev": str(self.draft.rev), **changed}
        address = reverse(f"builder:{name}", args=[self.draft.pk])
        return self.client.post(address, data, headers=headers)  # type: ignore[return-value]

    def send(self, **changed: str) -> HttpResponse:
        """As HTMX does."""
        return self.post("op", changed, HTMX)

    def type(self, field: str, text: str, **more: str) -> HttpResponse:
        return self.send(**{field: text}, **more)

    def plain(self, **changed: str) -> HttpResponse:
        """As a browser without a script does."""
        return self.post("op", changed)

    def page(self, **query: str) -> str:
        """All fields on one page, unless it is said which part the inspector shows."""
        address = reverse("builder:page", args=[self.draft.pk])
        return self.client.get(address, {"at": "all", **query}).content.decode()


def event(node_id: str = NODE, **fields: Any) -> dict[str, Any]:
    return {
        "type": "event", "id": node_id, "posture": "Reactive", "expect": ["orders.file.landed"],
        **fields,
    }  # fmt: skip


def both(**fields: Any) -> dict[str, Any]:
    other = event(SECOND, expect=["inventory.snapshot.done"])
    return {"type": "compound", "id": GROUP, "require": "all", "within": 1800,
            "triggers": [event(), other], **fields}  # fmt: skip


def document(trigger: Any = None, **fields: Any) -> dict[str, Any]:
    return {
        "name": "orders-landed", "trigger": event() if trigger is None else trigger,
        "actions": [{"type": "do-nothing"}], **fields,
    }  # fmt: skip


def sheet(client: Client, trigger: Any = None, *, author: str = "eda", **fields: Any) -> Sheet:
    """A new draft's form."""
    opened = drafts.open_new(document(trigger, **fields), author=author, now=NOW)
    return Sheet(client, opened)


def saved(**fields: Any) -> Automation:
    return scene.automation(trigger={"id": NODE}, **fields)


def of_automation(client: Client, automation: Automation, *, author: str = "eda") -> Sheet:
    return Sheet(client, drafts.open_for(automation.pk, author=author, now=NOW))
