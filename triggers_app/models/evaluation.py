"""The evaluator's memory between batches."""

from django.db import models


class Bucket(models.Model):
    """An open window of one trigger and key. Times are microseconds since the epoch."""

    pk = models.CompositePrimaryKey("automation_id", "trigger_id", "key")
    automation_id = models.UUIDField()
    trigger_id = models.UUIDField()
    key = models.TextField()  # the bucketing key as a JSON array
    state = models.BinaryField()  # the engine's own encoding of the window
    closes_us = models.BigIntegerField()
    count = models.IntegerField()

    class Meta:
        db_table = "bucket"


class ClosedBucket(models.Model):
    """How a window ended; kept for explanations."""

    automation_id = models.UUIDField()
    trigger_id = models.UUIDField()
    key = models.TextField()
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    count = models.IntegerField()
    outcome = models.CharField(max_length=12)
    closed_ms = models.BigIntegerField()

    class Meta:
        db_table = "closed_bucket"
        indexes = [
            models.Index(fields=["automation_id", "closed_ms"], name="closed_bucket_automation")
        ]
