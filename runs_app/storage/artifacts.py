"""Artifacts that a scope of filters admits, and the latest of each key."""

from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Q, QuerySet

from runs_app.models import Artifact, ArtifactCollection
from runs_app.storage import queries
from runs_app.storage.texts import like

# Raw SQL: two that are made at once must not both make the row.
_MAKE_LATEST = """
    INSERT INTO artifact_collection (id, key, latest_id) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET latest_id = EXCLUDED.latest_id
"""


def make_latest(artifact: Artifact) -> None:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_LATEST, [uuid4(), artifact.key, artifact.pk])


def fall_back(artifact: Artifact) -> None:
    """Make the one before it the latest of its key. Two queries."""
    others = Artifact.objects.filter(key=artifact.key).exclude(pk=artifact.pk)
    before = others.order_by("-created", "-id").first()
    if before is not None:
        collection = ArtifactCollection.objects.filter(key=artifact.key, latest=artifact)
        collection.update(latest=before)


def artifacts(scope: Any) -> "QuerySet[Artifact]":
    """Flow runs, flows and the like are those around the artifact's run."""
    conditions = [_artifact(scope.artifacts)]
    around = ("flow_runs", "flows", "deployments", "work_pools", "work_pool_queues", "work_queues")
    if any(getattr(scope, name) is not None for name in around):
        conditions.append(Q(flow_run_id__in=queries.runs(scope).values("pk")))
    elif scope.task_runs is not None:
        conditions.append(Q(task_run_id__in=queries.task_runs(scope).values("pk")))
    found = Artifact.objects.all()
    for condition in conditions:
        found = found.filter(condition)
    return found


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
    return queries.joined(given, parts)


def _key(given: Any) -> list[Q]:
    parts = []
    if given.any_ is not None:
        parts.append(Q(key__in=given.any_))
    if given.like_:
        parts.append(Q(key__iregex=like(given.like_)))
    if given.exists_ is not None:
        parts.append(Q(key__isnull=not given.exists_))
    return parts
