"""Writing and reading logs."""

from collections.abc import Sequence
from uuid import UUID

from runs_app.models import Log
from runs_app.storage import log_feed


def append(lines: Sequence[Log]) -> None:
    """One query per 1,000 lines. Whoever watches a run is told of them."""
    log_feed.tell(Log.objects.bulk_create(lines, batch_size=1000))


def delete_of(run_ids: Sequence[UUID]) -> None:
    Log.objects.filter(flow_run_id__in=run_ids).delete()


def delete_of_task(task_run_id: UUID) -> None:
    Log.objects.filter(task_run_id=task_run_id).delete()
