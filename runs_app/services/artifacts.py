"""Artifacts: what flows leave to be looked at, and the latest of each key."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from project.lib.json_documents import Document
from runs_app.models import Artifact, ArtifactCollection
from runs_app.storage import artifacts as storage

_ORDER: dict[str, list[Any]] = {
    "CREATED_DESC": ["-created", "-id"],
    "UPDATED_DESC": ["-updated", "-id"],
    "ID_DESC": ["-id"],
    "KEY_DESC": [F("key").desc(nulls_last=True), "-id"],
    "KEY_ASC": [F("key").asc(nulls_first=True), "id"],
}


def create(fields: Mapping[str, Any]) -> Document:
    with transaction.atomic():
        made = Artifact.objects.create(**fields)
        if made.key is not None:
            storage.make_latest(made)
    return document(made)


def read(artifact_id: UUID) -> Document | None:
    found = Artifact.objects.filter(pk=artifact_id).first()
    return None if found is None else document(found)


def latest(key: str) -> Document | None:
    found = ArtifactCollection.objects.select_related("latest").filter(key=key).first()
    return None if found is None else document(found.latest)


def matching(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = storage.artifacts(scope).order_by(*_ORDER[sort])[offset : offset + limit]
    return [document(each) for each in page]


def latest_matching(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = _latest(scope).order_by(*[_of_latest(each) for each in _ORDER[sort]])
    return [collection_document(each) for each in page[offset : offset + limit]]


def count(scope: Any) -> int:
    return storage.artifacts(scope).count()


def count_latest(scope: Any) -> int:
    return _latest(scope).count()


def change(artifact_id: UUID, fields: Mapping[str, Any]) -> bool:
    with transaction.atomic():
        found = Artifact.objects.select_for_update().filter(pk=artifact_id).first()
        if found is None:
            return False
        for name, value in fields.items():
            setattr(found, name, value)
        found.save()
    return True


def delete(artifact_id: UUID) -> bool:
    """The one before it is the latest of its key then."""
    with transaction.atomic():
        found = Artifact.objects.select_for_update().filter(pk=artifact_id).first()
        if found is None:
            return False
        if found.key is not None:
            storage.fall_back(found)
        found.delete()
    return True


def _latest(scope: Any) -> "QuerySet[ArtifactCollection]":
    found = ArtifactCollection.objects.select_related("latest")
    return found.filter(latest__in=storage.artifacts(scope))


def _of_latest(order: Any) -> Any:
    if not isinstance(order, str):
        name = F("key")
        return name.desc() if order.descending else name.asc()
    sign = "-" if order.startswith("-") else ""
    return f"{sign}latest__{order.removeprefix('-')}"


def document(artifact: Artifact) -> Document:
    return {
        "id": artifact.id,
        "created": artifact.created,
        "updated": artifact.updated,
        "key": artifact.key,
        "type": artifact.type,
        "description": artifact.description,
        "data": artifact.data,
        "metadata_": artifact.metadata,
        "flow_run_id": artifact.flow_run_id,
        "task_run_id": artifact.task_run_id,
    }


def collection_document(collection: ArtifactCollection) -> Document:
    own = {"id": collection.id, "latest_id": collection.latest_id}
    return document(collection.latest) | own
