"""What holds actions back."""

from django.db import models


class Brake(models.Model):
    """One row for all, made when acting is first stopped."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    stopped = models.DateTimeField(null=True)  # null: actions are carried out
    author = models.TextField(default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "brake"


class Acted(models.Model):
    """How many actions of an automation one batch carried out; kept for two minutes."""

    automation_id = models.UUIDField()
    at = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        db_table = "acted"
        indexes = [
            models.Index(fields=["automation_id", "at"], name="acted_automation"),
            models.Index(fields=["at"], name="acted_at"),
        ]
