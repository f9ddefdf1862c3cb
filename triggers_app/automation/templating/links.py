"""Where pages of objects are: at the paths of Prefect's UI, which Flint redirects to its own."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from triggers_app.automation.templating.views import EventView, ResourceView

_PATHS = {
    "flow": "flows/flow/{}",
    "flow-run": "runs/flow-run/{}",
    "task-run": "runs/task-run/{}",
    "work-pool": "work-pools/work-pool/{}",
    "work-queue": "work-queues/work-queue/{}",
    "concurrency-limit": "concurrency-limits/concurrency-limit/{}",
    "deployment": "deployments/deployment/{}",
    "automation": "automations/automation/{}",
    "block-document": "blocks/block/{}",
}


class LinkedDocument(dict[str, Any]):
    """A document that says what kind of object it is of, such as `flow-run`."""

    def __init__(self, kind: str, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self.kind = kind


def page_of(value: Any) -> str | None:
    """The path of an object's page, without a slash before it; None where it has none."""
    if isinstance(value, LinkedDocument):
        return _path(value.kind, str(value.get("id")))
    if isinstance(value, ResourceView):
        kind, _, identity = str(value.member("id")).removeprefix("prefect.").partition(".")
        return _path(kind, identity) if str(value.member("id")).startswith("prefect.") else None
    if isinstance(value, EventView):
        occurred = value.member("occurred")
        return f"events/event/{occurred:%Y-%m-%d}/{value.member('id')}"
    return None


def resource_of(value: Any) -> str | None:
    """The resource id of a document of an object."""
    return f"prefect.{value.kind}.{value.get('id')}" if isinstance(value, LinkedDocument) else None


def _path(kind: str, identity: str) -> str | None:
    pattern = _PATHS.get(kind)
    if pattern is None:
        return None
    try:
        return pattern.format(UUID(identity))
    except ValueError:
        return pattern.format(quote(identity, safe="")) if kind == "work-pool" else None
