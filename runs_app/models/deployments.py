"""Flows and deployments: what can be run."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from runs_app.models.pools import WorkPool
from runs_app.models.queues import WorkQueue


class Flow(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField(unique=True)
    tags = ArrayField(models.TextField(), default=list)
    labels = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "flow"


class Deployment(models.Model):
    """A flow with all that is needed to run it: entrypoint, parameters, pool."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="deployments")
    name = models.TextField()
    description = models.TextField(null=True)
    version = models.TextField(null=True)
    version_info = models.JSONField(null=True)
    paused = models.BooleanField(default=False)
    tags = ArrayField(models.TextField(), default=list)
    labels = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    parameter_openapi_schema = models.JSONField(null=True)
    enforce_parameter_schema = models.BooleanField(default=True)
    entrypoint = models.TextField(null=True)
    path = models.TextField(null=True)
    # The folder below which the entrypoint may be executed; set by `deploy` only.
    flow_root = models.TextField(null=True)
    pull_steps = models.JSONField(null=True)
    job_variables = models.JSONField(default=dict)
    work_pool = models.ForeignKey(
        WorkPool, null=True, on_delete=models.SET_NULL, related_name="deployments"
    )
    work_queue_name = models.TextField(null=True)
    work_queue = models.ForeignKey(
        WorkQueue, null=True, on_delete=models.SET_NULL, related_name="deployments"
    )
    concurrency_limit = models.IntegerField(null=True)
    concurrency_options = models.JSONField(null=True)
    storage_document_id = models.UUIDField(null=True)
    infrastructure_document_id = models.UUIDField(null=True)
    last_polled = models.DateTimeField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "deployment"
        constraints = [
            models.UniqueConstraint(fields=["flow", "name"], name="deployment_flow_name")
        ]
        indexes = [models.Index(fields=["name", "id"], name="deployment_name")]
