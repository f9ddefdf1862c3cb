"""Runs that wait for whoever serves their deployments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from project.lib.json_documents import Document
from runs_app.models import Deployment, FlowRun
from runs_app.reads.flow_runs import documents_of


def scheduled_flow_runs(
    deployment_ids: Sequence[UUID],
    *,
    before: datetime | None,
    limit: int,
    now: datetime,
) -> list[Document]:
    """Runs of deployments that wait for whoever serves them, the longest due first.

    Asking is the sign that somebody serves. Three queries.
    """
    Deployment.objects.filter(pk__in=list(deployment_ids)).update(last_polled=now)
    due = FlowRun.objects.filter(state_type="SCHEDULED", deployment_id__in=list(deployment_ids))
    if before is not None:
        due = due.filter(next_scheduled_start_time__lte=before)
    page = due.order_by("next_scheduled_start_time", "id").select_related("work_pool")
    return documents_of(page[:limit], now=now)
