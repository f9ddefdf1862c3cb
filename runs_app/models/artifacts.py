"""What flows leave to be looked at: texts, tables, links, progress."""

from uuid import uuid4

from django.db import models


class Artifact(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    key = models.TextField(null=True)
    type = models.TextField(null=True)
    description = models.TextField(null=True)
    data = models.JSONField(null=True)
    metadata = models.JSONField(null=True)
    # No foreign keys: a task run may be told of later, and an artifact outlives its run.
    flow_run_id = models.UUIDField(null=True)
    task_run_id = models.UUIDField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "artifact"
        indexes = [
            models.Index(fields=["created", "id"], name="artifact_created"),
            models.Index(fields=["key", "created", "id"], name="artifact_key"),
            models.Index(
                fields=["flow_run_id"],
                condition=models.Q(flow_run_id__isnull=False),
                name="artifact_flow_run",
            ),
            models.Index(
                fields=["task_run_id"],
                condition=models.Q(task_run_id__isnull=False),
                name="artifact_task_run",
            ),
        ]


class ArtifactCollection(models.Model):
    """A key, and the latest artifact that has it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    key = models.TextField(unique=True)
    latest = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = "artifact_collection"
