"""Artifacts as the API's documents, and the latest of each key."""

from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from project.lib.json_documents import Document
from runs_app.models import Artifact, ArtifactCollection
from runs_app.reads import filters
from runs_app.storage.texts import like

_ORDER: dict[str, list[Any]] = {
    "CREATED_DESC": ["-created", "-id"],
    "UPDATED_DESC": ["-updated", "-id"],
    "ID_DESC": ["-id"],
    "KEY_DESC": [F("key").desc(nulls_last=True), "-id"],
    "KEY_ASC": [F("key").asc(nulls_first=True), "id"],
}


def document(artifact_id: UUID) -> Document | None:
    artifact = Artifact.objects.filter(pk=artifact_id).first()
    return None if artifact is None else document_of(artifact)


def latest_document(key: str) -> Document | None:
    collection = ArtifactCollection.objects.select_related("latest").filter(key=key).first()
    return None if collection is None else document_of(collection.latest)


def documents(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = _matching(scope).order_by(*_ORDER[sort])[offset : offset + limit]
    return [document_of(each) for each in page]


def latest_documents(scope: Any, *, sort: str, limit: int, offset: int) -> list[Document]:
    page = _latest(scope).order_by(*[_of_latest(each) for each in _ORDER[sort]])
    return [collection_document(each) for each in page[offset : offset + limit]]


def count(scope: Any) -> int:
    return _matching(scope).count()


def count_latest(scope: Any) -> int:
    return _latest(scope).count()


def _latest(scope: Any) -> "QuerySet[ArtifactCollection]":
    collections = ArtifactCollection.objects.select_related("latest")
    return collections.filter(latest__in=_matching(scope))


def _of_latest(order: Any) -> Any:
    if not isinstance(order, str):
        name = F("key")
        return name.desc() if order.descending else name.asc()
    sign = "-" if order.startswith("-") else ""
    return f"{sign}latest__{order.removeprefix('-')}"


def document_of(artifact: Artifact) -> Document:
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
    return document_of(collection.latest) | own


def _matching(scope: Any) -> "QuerySet[Artifact]":
    """Flow runs, flows and the like are those around the artifact's run."""
    conditions = [_artifact(scope.artifacts)]
    around = ("flow_runs", "flows", "deployments", "work_pools", "work_pool_queues", "work_queues")
    if any(getattr(scope, name) is not None for name in around):
        conditions.append(Q(flow_run_id__in=filters.runs(scope).values("pk")))
    elif scope.task_runs is not None:
        conditions.append(Q(task_run_id__in=filters.task_runs(scope).values("pk")))
    artifacts = Artifact.objects.all()
    for condition in conditions:
        artifacts = artifacts.filter(condition)
    return artifacts


def _artifact(given: Any) -> Q:
    if given is None:
        return Q()
    ids = [given.id, given.latest_id]
    parts = [Q(id__in=each.any_) for each in ids if each and each.any_ is not None]
    for name in ("flow_run_id", "task_run_id"):
        of_ids = getattr(given, name)
        if of_ids and of_ids.any_ is not None:
            parts.append(Q(**{f"{name}__in": of_ids.any_}))
    if given.key:
        parts += _key(given.key)
    if given.type and given.type.any_ is not None:
        parts.append(Q(type__in=given.type.any_))
    if given.type and given.type.not_any_ is not None:
        parts.append(~Q(type__in=given.type.not_any_) & Q(type__isnull=False))
    return filters.joined(given, parts)


def _key(given: Any) -> list[Q]:
    parts = []
    if given.any_ is not None:
        parts.append(Q(key__in=given.any_))
    if given.like_:
        parts.append(Q(key__iregex=like(given.like_)))
    if given.exists_ is not None:
        parts.append(Q(key__isnull=not given.exists_))
    return parts
