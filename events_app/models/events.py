"""What is kept of events, and where the readers of the log are."""

from django.db import models


class Event(models.Model):
    """A recorded event. Partitioned by day of log time, so made by SQL in the migration."""

    pk = models.CompositePrimaryKey("log_ms", "log_seq", "frame_index")
    log_ms = models.BigIntegerField()
    log_seq = models.BigIntegerField()
    frame_index = models.IntegerField()
    id = models.UUIDField()
    occurred = models.DateTimeField()
    event = models.TextField()
    resource_id = models.TextField()
    resource = models.JSONField()
    related = models.JSONField()
    payload = models.TextField()  # JSON as it came; jsonb would rewrite numbers
    follows = models.UUIDField(null=True)
    # It follows an event that the log did not know: it was held back, and a replay must, too.
    leader_unknown = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "event"


class EventCount(models.Model):
    """How many events of a name were recorded on a day of log time.

    Written by the recorder with the events; the days leave with their partitions.
    """

    pk = models.CompositePrimaryKey("event", "log_day")
    event = models.TextField(db_collation="C")
    log_day = models.DateField()
    events = models.BigIntegerField()

    class Meta:
        db_table = "event_count"


class RejectedEvent(models.Model):
    """An event that was refused where its sender does not read why, with the reason.

    PostgreSQL refused what the log had accepted, or the door refused it from a socket; then
    it has no position.
    """

    log_ms = models.BigIntegerField(null=True)
    log_seq = models.BigIntegerField(null=True)
    frame_index = models.IntegerField(null=True)
    body = models.BinaryField()
    reason = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "rejected_event"
        constraints = [
            models.UniqueConstraint(
                fields=["log_ms", "log_seq", "frame_index"], name="rejected_event_position"
            )
        ]


class EventOutbox(models.Model):
    """An event of our own, written with the change it tells of, not yet in the log."""

    event_id = models.UUIDField(unique=True)
    body = models.BinaryField()  # the event's JSON, as in a frame
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "event_outbox"


class Reader(models.Model):
    """How far a reader of the log has come. `epoch` counts its owners."""

    name = models.TextField(primary_key=True)
    position_ms = models.BigIntegerField(default=0)
    position_seq = models.BigIntegerField(default=0)
    epoch = models.BigIntegerField(default=0)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "reader"
