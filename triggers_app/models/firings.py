"""Firings, and the actions that follow from them (the outbox of the evaluator)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from triggers_app.models.automations import Automation
from triggers_app.models.snoozes import Snooze


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
    # Of an automation in shadow: it is written down, and nothing followed from it.
    shadow = models.BooleanField(default=False, db_default=False)
    # Under which snooze it was written down, and nothing followed from it.
    snooze = models.ForeignKey(Snooze, on_delete=models.PROTECT, null=True, db_index=False)
    # Who fired it by hand: no trigger decided it, and a replay does not know it.
    by_hand = models.TextField(null=True)
    # The event that somebody had evaluated again; such a firing is one by hand, too.
    replay_of = models.UUIDField(null=True)
    created = models.DateTimeField()

    class Meta:
        db_table = "firing"
        indexes = [
            models.Index(fields=["automation", "fired", "id"], name="firing_automation"),
            models.Index(fields=["fired", "id"], name="firing_fired"),
            models.Index(
                fields=["replay_of"],
                name="firing_replay_of",
                condition=models.Q(replay_of__isnull=False),
            ),
        ]


class ActionRun(models.Model):
    """One action of one firing: to do, under way, done, or not done for a reason."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"  # rendered; an effect outside that `deliver` carries out
        HELD = "held"  # by a brake, until it is released or discarded
        DONE = "done"
        REJECTED = "rejected"
        DISCARDED = "discarded"

    class HeldFor(models.TextChoices):
        CEILING = "ceiling"  # too many of its automation in a minute
        STOPPED = "stopped"  # acting was stopped for all
        GRACE = "grace"  # its automation was deleted with its owner, and may come back
        RESTORE = "restore"  # it was pending in a dump that was restored: it may have been done

    firing = models.ForeignKey(Firing, on_delete=models.CASCADE, related_name="action_runs")
    automation_id = models.UUIDField()
    index = models.SmallIntegerField()
    action = models.JSONField()
    # Which list of the automation it stands in: actions, on_trigger or on_resolve.
    phase = models.CharField(max_length=10, default="actions")
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    # Who is at an effect outside, and until when it is believed to be.
    lease_until = models.DateTimeField(null=True)
    # Where an effect outside goes to: of each host only a few are under way at once.
    host = models.TextField(default="", db_default="")
    # What an effect outside sends, rendered; without secrets, which its block holds.
    request = models.JSONField(null=True)
    held_for = models.CharField(max_length=7, choices=HeldFor, null=True)
    # When a person released it: no ceiling holds it again.
    released = models.DateTimeField(null=True)
    # How often a person had it tried again, and who touched it last.
    retries = models.SmallIntegerField(db_default=0, default=0)
    author = models.TextField(null=True)
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
            # `not_before` as it is sorted: what may go at once stands first.
            models.Index(
                "host",
                models.F("not_before").asc(nulls_first=True),
                "id",
                name="action_run_to_send",
                condition=models.Q(state="sending"),
            ),
            models.Index(
                fields=["host"],
                name="action_run_leased",
                condition=models.Q(state="sending", lease_until__isnull=False),
            ),
            models.Index(
                fields=["automation_id", "id"],
                name="action_run_held",
                condition=models.Q(state="held"),
            ),
            models.Index(fields=["flow_run_id"], name="action_run_flow_run"),
        ]
