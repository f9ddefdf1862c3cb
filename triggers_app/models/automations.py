"""Automations and their versions."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from triggers_app.automation.document import is_shadow


class Automation(models.Model):
    """An automation as it stands. `document` is its whole API document with trigger ids."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField()
    description = models.TextField(default="")
    enabled = models.BooleanField(default=True)
    tags = ArrayField(models.TextField(), default=list)
    document = models.JSONField()
    owner_resource = models.TextField(null=True)
    # The user or API key of its first version.
    created_by = models.TextField(default="", db_default="")
    # Resources that its actions name, such as prefect.deployment.<id>.
    related_resources = ArrayField(models.TextField(), default=list)
    # It runs in a certain loop, so it ignores the events that it has caused itself.
    guarded = models.BooleanField(default=False, db_default=False)
    # Of a deployment's automation: `enabled` of the owner's last POST or deploy (null: unknown),
    # and what a person has switched it to since (null: nobody has).
    posted_enabled = models.BooleanField(null=True)
    chosen_enabled = models.BooleanField(null=True)
    # What its trigger means (`meaning_key`); null when this was not known at the save.
    trigger_meaning = models.CharField(max_length=32, null=True)
    version = models.IntegerField(default=1)
    # Grows with every change of any automation, in commit order: what a reader of the
    # catalogue asks for is `change > last seen`.
    change = models.BigIntegerField()
    # The id of the log entry appended just before this version's commit.
    effective_after_ms = models.BigIntegerField(default=0)
    effective_after_seq = models.BigIntegerField(default=0)
    # The version that the evaluator works with; null until it has seen the first.
    applied_version = models.IntegerField(null=True)
    quarantine_reason = models.TextField(null=True)
    quarantined = models.DateTimeField(null=True)
    deleted = models.DateTimeField(null=True)
    # Deleted with its owner, it goes on evaluating for a while, should the owner deploy again:
    # open, and then over. Null when it was never deleted that way.
    grace = models.CharField(max_length=4, null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "automation"
        indexes = [
            models.Index(
                fields=["owner_resource"],
                name="automation_grace",
                condition=models.Q(grace="open"),
            ),
            models.Index(fields=["change"], name="automation_change"),
            models.Index(
                fields=["quarantined"],
                name="automation_quarantined",
                condition=models.Q(deleted=None, quarantine_reason__isnull=False),
            ),
            models.Index(
                fields=["owner_resource"], name="automation_owner", condition=models.Q(deleted=None)
            ),
            models.Index(
                fields=["name", "id"], name="automation_name", condition=models.Q(deleted=None)
            ),
            models.Index(
                fields=["updated", "id"],
                name="automation_updated",
                condition=models.Q(deleted=None),
            ),
            models.Index(
                fields=["created", "id"],
                name="automation_created",
                condition=models.Q(deleted=None),
            ),
            models.Index(
                fields=["trigger_meaning"],
                name="automation_meaning",
                condition=models.Q(deleted=None),
            ),
        ]

    @property
    def shadow(self) -> bool:
        """Whether its firings are recorded only."""
        return is_shadow(self.document)


class AutomationVersion(models.Model):
    """A version as it was saved, and from which entry of the log it really applied."""

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    enabled = models.BooleanField()
    document = models.JSONField()
    deleted = models.BooleanField(default=False)
    guarded = models.BooleanField(default=False, db_default=False)
    effective_after_ms = models.BigIntegerField()
    effective_after_seq = models.BigIntegerField()
    applied_after_ms = models.BigIntegerField(null=True)
    applied_after_seq = models.BigIntegerField(null=True)
    applied_ms = models.BigIntegerField(null=True)  # log time at which it was applied
    author = models.TextField(default="")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "automation_version"
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "version"], name="automation_version_number"
            )
        ]
