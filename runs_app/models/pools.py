"""Work pools: who executes. Pools of type `flint` are executed by Flint itself."""

from uuid import uuid4

from django.db import models


class WorkPool(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField(unique=True)
    type = models.TextField()
    description = models.TextField(null=True)
    base_job_template = models.JSONField(default=dict)
    is_paused = models.BooleanField(default=False)
    concurrency_limit = models.IntegerField(null=True)
    # Whether it was told that a worker is online; of no meaning for pools of type flint.
    ready = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "work_pool"
