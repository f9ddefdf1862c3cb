"""Firings, and the actions that follow from them (the outbox of the evaluator)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from triggers_app.models.automations import Automation


class Firing(models.Model):
    """An answer: this automation fired, then, because of these events."""

    id = models.UUIDField(primary_key=True)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="firings")
    automation_version = models.IntegerField()
    trigger_id = models.UUIDField()
    # The place of the event that decided it; null for an absence.
    log_ms = models.BigIntegerField(null=True)
    log_seq = models.BigIntegerField(null=True)
    frame_index = models.IntegerField(null=True)
    fired = models.DateTimeField()  # log time
    # Resolved when a metric left its condition.
    state = models.CharField(max_length=9, default="Triggered")
    triggering_event = models.JSONField(null=True)  # the event's whole body
    labels = models.JSONField(default=dict)
    counted = models.JSONField(default=list)  # up to 50: id, event, occurred, resource id
    counted_total = models.IntegerField(default=0)
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)
    verdict = models.JSONField(null=True)
    # The firings of a composite's children: id, trigger_id, fired, labels, triggering_event.
    children = models.JSONField(default=list)
    # Ids of the automations whose firings led here, oldest first, this one last.
    causes = ArrayField(models.TextField(), default=list)
    created = models.DateTimeField()

    class Meta:
        db_table = "firing"
        indexes = [
            models.Index(fields=["automation", "fired", "id"], name="firing_automation"),
            models.Index(fields=["fired", "id"], name="firing_fired"),
        ]


class ActionRun(models.Model):
    """One action of one firing: to do, under way, done, or refused with a reason."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        REJECTED = "rejected"

    firing = models.ForeignKey(Firing, on_delete=models.CASCADE, related_name="action_runs")
    automation_id = models.UUIDField()
    index = models.SmallIntegerField()
    action = models.JSONField()
    # Which list of the automation it stands in: actions, on_trigger or on_resolve.
    phase = models.CharField(max_length=10, default="actions")
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    reason = models.TextField(null=True)
    result = models.JSONField(default=dict)
    flow_run_id = models.UUIDField(null=True)
    created = models.DateTimeField()
    settled = models.DateTimeField(null=True)

    class Meta:
        db_table = "action_run"
        constraints = [models.UniqueConstraint(fields=["firing", "index"], name="action_run_index")]
        indexes = [
            models.Index(
                fields=["id"], name="action_run_pending", condition=models.Q(state="pending")
            ),
            models.Index(fields=["flow_run_id"], name="action_run_flow_run"),
        ]
