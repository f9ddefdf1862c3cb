"""Task runs and their states: what clients tell by events, and the parents of subflows."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from runs_app.models.runs import FlowRun


class TaskRun(models.Model):
    """One run of a task. Without `flow_run` it was called outside of any flow."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField()
    # No constraint: the recorder of events must never wait for the lock of a flow run. The
    # unique constraint below serves as index.
    flow_run = models.ForeignKey(
        FlowRun,
        null=True,
        on_delete=models.CASCADE,
        related_name="task_runs",
        db_constraint=False,
        db_index=False,
    )
    task_key = models.TextField()
    dynamic_key = models.TextField()
    cache_key = models.TextField(null=True)
    cache_expiration = models.DateTimeField(null=True)
    task_version = models.TextField(null=True)
    empirical_policy = models.JSONField(default=dict)
    tags = ArrayField(models.TextField(), default=list)
    labels = models.JSONField(default=dict)
    task_inputs = models.JSONField(default=dict)
    state_id = models.UUIDField(null=True)
    state_type = models.CharField(max_length=10, null=True)
    state_name = models.TextField(null=True)
    state_timestamp = models.DateTimeField(null=True)
    run_count = models.IntegerField(default=0)
    flow_run_run_count = models.IntegerField(default=0)
    expected_start_time = models.DateTimeField(null=True)
    next_scheduled_start_time = models.DateTimeField(null=True)
    start_time = models.DateTimeField(null=True)
    end_time = models.DateTimeField(null=True)
    total_run_time_seconds = models.FloatField(default=0)
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        db_table = "task_run"
        constraints = [
            models.UniqueConstraint(
                fields=["flow_run", "task_key", "dynamic_key"], name="task_run_key"
            )
        ]
        indexes = [
            models.Index(fields=["expected_start_time", "id"], name="task_run_expected"),
        ]


class TaskRunState(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    task_run = models.ForeignKey(
        TaskRun, on_delete=models.CASCADE, related_name="states", db_index=False
    )
    type = models.CharField(max_length=10)
    name = models.TextField()
    message = models.TextField(null=True)
    timestamp = models.DateTimeField()
    state_details = models.JSONField(default=dict)
    data = models.JSONField(null=True)

    class Meta:
        db_table = "task_run_state"
        indexes = [models.Index(fields=["task_run", "timestamp"], name="task_run_state_run")]
