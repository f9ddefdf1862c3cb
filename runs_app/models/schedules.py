"""Schedules of deployments: when runs are made without an event."""

from uuid import uuid4

from django.db import models

from runs_app.models.deployments import Deployment


class DeploymentSchedule(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="schedules")
    # As the client sent it: interval, cron or rrule, with its zone.
    schedule = models.JSONField()
    active = models.BooleanField(default=True)
    max_scheduled_runs = models.IntegerField(null=True)
    parameters = models.JSONField(default=dict)
    slug = models.TextField(null=True)
    # Runs exist up to and including this time.
    scheduled_until = models.DateTimeField(null=True)
    # When to make more of them; null when there is nothing to come, or it is not active.
    due = models.DateTimeField(null=True)
    # Why no run could be made the last time.
    problem = models.TextField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "deployment_schedule"
        constraints = [
            models.UniqueConstraint(fields=["deployment", "slug"], name="deployment_schedule_slug")
        ]
        indexes = [
            models.Index(
                fields=["due"],
                name="deployment_schedule_due",
                condition=models.Q(due__isnull=False),
            )
        ]
