"""Who holds the slots of pools and queues: runs that are Pending, Running or Cancelling."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from runs_app.models import FlowRun
from runs_app.storage.polling import OCCUPYING


def count_by_queue(queue_ids: Collection[UUID]) -> dict[UUID, int]:
    """Slots that are taken, of the queues where any is. One query, none for no queues."""
    if not queue_ids:
        return {}
    counted = _holders().filter(work_queue_id__in=list(queue_ids)).order_by()
    return dict(counted.values_list("work_queue_id").annotate(Count("id")))


def count_by_pool(pool_ids: Collection[UUID]) -> dict[UUID, int]:
    """Slots that are taken, of the pools where any is. One query, none for no pools."""
    if not pool_ids:
        return {}
    counted = _holders().filter(work_queue__work_pool_id__in=list(pool_ids)).order_by()
    return dict(counted.values_list("work_queue__work_pool_id").annotate(Count("id")))


def of_queue(queue_id: UUID, *, limit: int, offset: int) -> list[FlowRun]:
    """Those that came first at first. One query."""
    return list(_in_order(_holders().filter(work_queue_id=queue_id))[offset : offset + limit])


def of_each_queue(queue_ids: Collection[UUID], *, most: int) -> dict[UUID, list[FlowRun]]:
    """At most so many of each queue. One query, none for no queues."""
    holders: dict[UUID, list[FlowRun]] = {queue_id: [] for queue_id in queue_ids}
    if not holders or most == 0:
        return holders
    place = Window(RowNumber(), partition_by="work_queue_id", order_by=["state_timestamp", "id"])
    rows = _holders().filter(work_queue_id__in=list(holders)).annotate(place=place)
    for run in _in_order(rows.filter(place__lte=most)):
        if run.work_queue_id is not None:
            holders[run.work_queue_id].append(run)
    return holders


def _holders() -> "QuerySet[FlowRun]":
    return FlowRun.objects.filter(state_type__in=OCCUPYING)


def _in_order(rows: "QuerySet[FlowRun]") -> "QuerySet[FlowRun]":
    return rows.order_by(F("state_timestamp").asc(nulls_first=True), "id")
