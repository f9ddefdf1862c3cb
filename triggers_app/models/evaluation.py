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
    # An absence that fires when it closes: what the watch board lists.
    absence = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "bucket"
        indexes = [
            models.Index(
                fields=["closes_us", "automation_id", "trigger_id", "key"],
                name="bucket_absence",
                condition=models.Q(absence=True),
            )
        ]


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
    # Positions of the last events that counted, up to 50: [[ms, sequence, index], …].
    counted = models.JSONField(default=list, db_default=[])

    class Meta:
        db_table = "closed_bucket"
        indexes = [
            models.Index(fields=["automation_id", "closed_ms"], name="closed_bucket_automation")
        ]


class Snapshot(models.Model):
    """The evaluator's windows as they stood at a position: where explanations begin to fold.

    `taken` is not before any log time that the windows know.
    """

    position_ms = models.BigIntegerField()
    position_seq = models.BigIntegerField()
    taken = models.DateTimeField()

    class Meta:
        db_table = "snapshot"


class SnapshotVersion(models.Model):
    """The version of an automation that had been applied; `loaded`: it was at work."""

    pk = models.CompositePrimaryKey("snapshot_id", "automation_id")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE)
    automation_id = models.UUIDField()
    version = models.IntegerField()
    loaded = models.BooleanField()

    class Meta:
        db_table = "snapshot_version"


class SnapshotBucket(models.Model):
    """A window of a snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, db_index=False)
    automation_id = models.UUIDField()
    state = models.BinaryField()

    class Meta:
        db_table = "snapshot_bucket"
        indexes = [
            models.Index(fields=["snapshot", "automation_id"], name="snapshot_bucket_automation")
        ]
