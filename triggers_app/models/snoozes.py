"""Facts about snoozes, as they were said and from where on they hold."""

from django.db import models

from triggers_app.models.automations import Automation


class Snooze(models.Model):
    """Until a time nothing follows from firings of an automation, or of one key of it.

    Only added: of an automation and labels the latest counts, and one whose time is over when
    it is said ends the one before it.
    """

    id = models.BigAutoField(primary_key=True)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="snoozes")
    labels = models.JSONField(default=dict)  # of one key; empty: every firing
    until = models.DateTimeField()  # log time, exclusive
    ends = models.BooleanField(default=False)  # somebody ended a snooze with it
    author = models.TextField()
    reason = models.TextField(default="")
    created = models.DateTimeField()
    # As for versions: the entry appended just before the commit, and from where it held.
    effective_after_ms = models.BigIntegerField()
    effective_after_seq = models.BigIntegerField()
    applied_after_ms = models.BigIntegerField(null=True)
    applied_after_seq = models.BigIntegerField(null=True)
    applied_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "snooze"
        indexes = [
            models.Index(fields=["automation", "until"], name="snooze_automation_until"),
            models.Index(
                fields=["id"], name="snooze_not_applied", condition=models.Q(applied_ms=None)
            ),
            models.Index(fields=["applied_ms"], name="snooze_applied"),
        ]
