"""Flow runs, their states, their logs."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from runs_app.models.deployments import Deployment, Flow
from runs_app.models.pools import WorkPool
from runs_app.models.queues import WorkQueue


class FlowRun(models.Model):
    """One run. The current state is repeated here so that lists need one table."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField()
    # Every index costs at the insert of each run; those below serve the foreign keys too.
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="runs", db_index=False)
    deployment = models.ForeignKey(
        Deployment, null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False
    )
    deployment_version = models.TextField(null=True)
    flow_version = models.TextField(null=True)
    work_pool = models.ForeignKey(
        WorkPool, null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False
    )
    work_queue_name = models.TextField(null=True)
    work_queue = models.ForeignKey(
        WorkQueue, null=True, on_delete=models.SET_NULL, related_name="runs", db_index=False
    )
    parameters = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    tags = ArrayField(models.TextField(), default=list)
    labels = models.JSONField(default=dict)
    empirical_policy = models.JSONField(default=dict)
    job_variables = models.JSONField(default=dict)
    idempotency_key = models.TextField(null=True)
    parent_task_run_id = models.UUIDField(null=True)
    infrastructure_pid = models.TextField(null=True)
    created_by = models.JSONField(null=True)
    # The firings that led here, oldest first: [{"automation": id, "firing": id}]; for the
    # loop brake.
    causes = models.JSONField(default=list)
    auto_scheduled = models.BooleanField(default=False)
    state_id = models.UUIDField(null=True)
    state_type = models.CharField(max_length=10, null=True)
    state_name = models.TextField(null=True)
    state_timestamp = models.DateTimeField(null=True)
    run_count = models.IntegerField(default=0)
    expected_start_time = models.DateTimeField(null=True)
    next_scheduled_start_time = models.DateTimeField(null=True)
    start_time = models.DateTimeField(null=True)
    end_time = models.DateTimeField(null=True)
    total_run_time_seconds = models.FloatField(default=0)
    # Which executor has it, and until when it is believed to live.
    executor = models.TextField(null=True)
    executor_seen = models.DateTimeField(null=True)
    created = models.DateTimeField()
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "flow_run"
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "idempotency_key"], name="flow_run_idempotency_key"
            )
        ]
        indexes = [
            # Ids grow with time, so that paging by id is paging by age.
            models.Index(fields=["deployment", "id"], name="flow_run_deployment"),
            models.Index(
                fields=["work_pool", "next_scheduled_start_time"],
                condition=models.Q(state_type="SCHEDULED"),
                name="flow_run_due",
            ),
            # Whatever holds a slot of a pool or of a queue with a limit.
            models.Index(
                fields=["work_queue", "state_type"],
                condition=models.Q(state_type__in=["PENDING", "RUNNING", "CANCELLING"]),
                name="flow_run_slots",
            ),
            # Runs that a schedule has made and that can be taken back.
            models.Index(
                fields=["deployment"],
                condition=models.Q(auto_scheduled=True, state_type="SCHEDULED"),
                name="flow_run_auto_scheduled",
            ),
            # Runs that may turn out to be late; those that are known to be are not among them.
            models.Index(
                fields=["next_scheduled_start_time"],
                condition=models.Q(state_type="SCHEDULED", state_name="Scheduled"),
                name="flow_run_in_time",
            ),
            models.Index(fields=["created", "id"], name="flow_run_created"),
            models.Index(fields=["state_type", "id"], name="flow_run_state_type"),
            models.Index(fields=["expected_start_time", "id"], name="flow_run_expected"),
            models.Index(
                fields=["executor_seen"],
                condition=models.Q(executor__isnull=False),
                name="flow_run_executed",
            ),
            # Subflows of a task run.
            models.Index(
                fields=["parent_task_run_id"],
                condition=models.Q(parent_task_run_id__isnull=False),
                name="flow_run_parent",
            ),
        ]


class FlowRunState(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    flow_run = models.ForeignKey(
        FlowRun, on_delete=models.CASCADE, related_name="states", db_index=False
    )
    type = models.CharField(max_length=10)
    name = models.TextField()
    message = models.TextField(null=True)
    timestamp = models.DateTimeField()
    state_details = models.JSONField(default=dict)
    data = models.JSONField(null=True)

    class Meta:
        db_table = "flow_run_state"
        indexes = [models.Index(fields=["flow_run", "timestamp"], name="flow_run_state_run")]


class Log(models.Model):
    flow_run_id = models.UUIDField(null=True)
    task_run_id = models.UUIDField(null=True)
    name = models.TextField()
    level = models.SmallIntegerField()
    message = models.TextField()
    timestamp = models.DateTimeField()

    class Meta:
        db_table = "log"
        indexes = [models.Index(fields=["flow_run_id", "timestamp", "id"], name="log_flow_run")]
