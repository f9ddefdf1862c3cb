"""Work queues of pools, and the workers that take runs out of them."""

from uuid import uuid4

from django.db import models

from runs_app.models.pools import WorkPool


class WorkQueue(models.Model):
    """A part of a pool with a priority and a limit of its own; every pool has `default`."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    work_pool = models.ForeignKey(WorkPool, on_delete=models.CASCADE, related_name="queues")
    name = models.TextField()
    description = models.TextField(null=True)
    is_paused = models.BooleanField(default=False)
    concurrency_limit = models.IntegerField(null=True)
    # Runs of a lower number are handed out first.
    priority = models.IntegerField(default=1)
    last_polled = models.DateTimeField(null=True)
    # Whether it was told that somebody polls it (READY), or that nobody does any more.
    ready = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "work_queue"
        constraints = [
            models.UniqueConstraint(fields=["work_pool", "name"], name="work_queue_pool_name")
        ]
        indexes = [
            models.Index(
                fields=["last_polled"],
                name="work_queue_ready",
                condition=models.Q(ready=True),
            )
        ]


class Worker(models.Model):
    """A worker of a pool, as it last said that it lives."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    work_pool = models.ForeignKey(WorkPool, on_delete=models.CASCADE, related_name="workers")
    name = models.TextField()
    heartbeat_interval_seconds = models.IntegerField(default=30)
    last_heartbeat = models.DateTimeField()
    online = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "worker"
        constraints = [
            models.UniqueConstraint(fields=["work_pool", "name"], name="worker_pool_name")
        ]
        indexes = [
            models.Index(
                fields=["last_heartbeat"],
                name="worker_online",
                condition=models.Q(online=True),
            )
        ]
