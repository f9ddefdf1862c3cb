"""Artifacts: what flows leave to be looked at, and the latest of each key."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from project.lib.json_documents import Document
from runs_app.models import Artifact
from runs_app.reads import artifacts
from runs_app.storage import artifacts as storage


def create(fields: Mapping[str, Any]) -> Document:
    with transaction.atomic():
        made = Artifact.objects.create(**fields)
        if made.key is not None:
            storage.make_latest(made)
    return artifacts.document_of(made)


def change(artifact_id: UUID, fields: Mapping[str, Any]) -> bool:
    with transaction.atomic():
        artifact = Artifact.objects.select_for_update().filter(pk=artifact_id).first()
        if artifact is None:
            return False
        for name, value in fields.items():
            setattr(artifact, name, value)
        artifact.save()
    return True


def delete(artifact_id: UUID) -> bool:
    """The one before it is the latest of its key then."""
    with transaction.atomic():
        artifact = Artifact.objects.select_for_update().filter(pk=artifact_id).first()
        if artifact is None:
            return False
        if artifact.key is not None:
            storage.fall_back(artifact)
        artifact.delete()
    return True
