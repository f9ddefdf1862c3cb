"""The latest artifact of each key."""

from uuid import uuid4

from django.db import connection

from runs_app.models import Artifact, ArtifactCollection

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
