"""What is sent to a flow run while it runs or waits."""

from uuid import uuid4

from django.db import models

from runs_app.models.runs import FlowRun


class FlowRunInput(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    flow_run = models.ForeignKey(
        FlowRun, on_delete=models.CASCADE, related_name="inputs", db_index=False
    )
    key = models.TextField()
    value = models.TextField()
    sender = models.TextField(null=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "flow_run_input"
        constraints = [
            models.UniqueConstraint(fields=["flow_run", "key"], name="flow_run_input_key")
        ]
