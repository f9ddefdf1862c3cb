"""What a template sees of events and labels: read-only, with Prefect's names.

Documents without names of their own (automation, deployment, flow …) are plain dicts.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import msgspec

RESOURCE_ID = "prefect.resource.id"
RESOURCE_NAME = "prefect.resource.name"
RESOURCE_ROLE = "prefect.resource.role"
MISSING: Final = object()


class View(ABC):
    """An object that templates may look into: `member` is `.name`, `item` is `[key]`."""

    @abstractmethod
    def document(self) -> Any:
        """The plain JSON value that stands for it when it is a parameter."""

    @abstractmethod
    def names(self) -> Sequence[str]:
        """What may be asked for; suggestions are made from it."""

    @abstractmethod
    def member(self, name: str) -> Any:
        """The member of that name, or MISSING."""

    def item(self, key: Any) -> Any:
        return self.member(key) if isinstance(key, str) else MISSING

    def __str__(self) -> str:
        return msgspec.json.encode(self.document()).decode()

    __repr__ = __str__


class LabelsView(View, Mapping[str, str]):
    """Labels by `['a.b.c']` or dotted: `.a.b.c`. A text and a parent at once where both exist."""

    def __init__(self, labels: Mapping[str, str], prefix: str = "") -> None:
        self._labels = labels
        self._prefix = prefix

    def document(self) -> Any:
        if self._prefix in self._labels:
            return self._labels[self._prefix]
        start = f"{self._prefix}." if self._prefix else ""
        return {key: value for key, value in self._labels.items() if key.startswith(start)}

    def names(self) -> Sequence[str]:
        start = f"{self._prefix}." if self._prefix else ""
        below = (key[len(start) :] for key in self._labels if key.startswith(start))
        return list(dict.fromkeys(key.split(".")[0] for key in below))

    def member(self, name: str) -> Any:
        path = f"{self._prefix}.{name}" if self._prefix else name
        if any(key.startswith(f"{path}.") for key in self._labels):
            return LabelsView(self._labels, path)
        return self._labels.get(path, MISSING)

    def item(self, key: Any) -> Any:
        path = f"{self._prefix}.{key}" if self._prefix else key
        value = self._labels.get(path, MISSING)
        return self.member(key) if value is MISSING and isinstance(key, str) else value

    def __str__(self) -> str:
        value = self.document()
        return value if isinstance(value, str) else super().__str__()

    def __getitem__(self, key: str) -> str:
        return self._labels[f"{self._prefix}.{key}" if self._prefix else key]

    def __iter__(self) -> Iterator[str]:
        start = f"{self._prefix}." if self._prefix else ""
        return (key[len(start) :] for key in self._labels if key.startswith(start))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return bool(self.document() == other)

    def __hash__(self) -> int:
        return hash(str(self))


class ResourceView(View, Mapping[str, str]):
    """A resource or related resource: its labels, and `id`, `name`, `role`, `labels`, `root`."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def document(self) -> Any:
        return dict(self._labels)

    def names(self) -> Sequence[str]:
        return ["id", "name", "role", "labels", "root", *self._labels]

    def member(self, name: str) -> Any:
        match name:
            case "id":
                return self._labels.get(RESOURCE_ID, MISSING)
            case "name":
                return self._labels.get(RESOURCE_NAME)
            case "role":
                return self._labels.get(RESOURCE_ROLE)
            case "labels":
                return LabelsView(self._labels)
            case "root":
                return dict(self._labels)
        return self._labels.get(name, MISSING)

    def item(self, key: Any) -> Any:
        return self._labels.get(key, MISSING) if isinstance(key, str) else MISSING

    def __getitem__(self, key: str) -> str:
        return self._labels[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)


class RolesView(View):
    """Related resources by role: the first one, or (`many`) all of them."""

    def __init__(self, related: Sequence[ResourceView], *, many: bool) -> None:
        self._many = many
        self._roles: dict[str, list[ResourceView]] = {}
        for resource in related:
            self._roles.setdefault(resource.get(RESOURCE_ROLE, ""), []).append(resource)

    def document(self) -> Any:
        if self._many:
            return {role: [one.document() for one in all_] for role, all_ in self._roles.items()}
        return {role: all_[0].document() for role, all_ in self._roles.items()}

    def names(self) -> Sequence[str]:
        return list(self._roles)

    def member(self, name: str) -> Any:
        role = self._roles.get(name)
        if self._many:
            return list(role or [])
        return role[0] if role else MISSING


class EventView(View):
    """An event from its API document."""

    _NAMES = (
        *("id", "event", "occurred", "received", "follows", "payload", "resource", "related"),
        *("involved_resources", "resource_in_role", "resources_in_role", "url"),
    )

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def document(self) -> Any:
        return dict(self._document)

    def names(self) -> Sequence[str]:
        return self._NAMES

    def member(self, name: str) -> Any:
        return getattr(self, f"_get_{name}", MISSING) if name in self._NAMES else MISSING

    @property
    def _get_event(self) -> Any:
        return self._document["event"]

    @property
    def _get_payload(self) -> Any:
        return self._document.get("payload") or {}

    @cached_property
    def _get_id(self) -> UUID:
        return UUID(self._document["id"])

    @cached_property
    def _get_follows(self) -> UUID | None:
        follows = self._document.get("follows")
        return UUID(follows) if follows else None

    @cached_property
    def _get_occurred(self) -> datetime:
        return datetime.fromisoformat(self._document["occurred"])

    @cached_property
    def _get_received(self) -> datetime | None:
        received = self._document.get("received")
        return datetime.fromisoformat(received) if received else None

    @cached_property
    def _get_resource(self) -> ResourceView:
        return ResourceView(self._document["resource"])

    @cached_property
    def _get_related(self) -> list[ResourceView]:
        return [ResourceView(labels) for labels in self._document.get("related") or []]

    @property
    def _get_involved_resources(self) -> list[ResourceView]:
        return [self._get_resource, *self._get_related]

    @cached_property
    def _get_resource_in_role(self) -> RolesView:
        return RolesView(self._get_related, many=False)

    @cached_property
    def _get_resources_in_role(self) -> RolesView:
        return RolesView(self._get_related, many=True)

    _get_url = None
