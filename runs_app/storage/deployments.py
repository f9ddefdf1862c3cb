"""Flows and deployments, also locked for runs."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Now

from runs_app.models import Deployment, Flow, WorkPool
from runs_app.models.concurrency import LeasedLimit

# KEY SHARE keeps a row from being deleted and lets everything else happen to it; the ORM
# has no word for it. In order of id, so that two batches cannot wait for each other.
_HOLD_DEPLOYMENTS = "SELECT id FROM deployment WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
_HOLD_FLOWS = "SELECT id FROM flow WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
_HOLD_POOLS = "SELECT id FROM work_pool WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


# A deployment's limit has the id of the deployment.
_TAKEN = Subquery(
    LeasedLimit.objects.filter(limit_id=OuterRef("pk"), lease__expires__gt=Now())
    .values("limit_id")
    .annotate(taken=Sum("lease__slots"))
    .values("taken"),
    output_field=IntegerField(),
)


def whole(rows: "QuerySet[Deployment]") -> "QuerySet[Deployment]":
    """With all that a deployment's document tells. One query more."""
    related = rows.select_related("flow", "work_pool", "work_queue")
    return related.prefetch_related("schedules").annotate(active_slots=Coalesce(_TAKEN, 0))


def with_text(text: str) -> "QuerySet[Deployment]":
    """Those whose name, flow or tags hold each word of a text."""
    rows = Deployment.objects.all()
    for word in text.replace("/", " ").split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(flow__name__icontains=word) | Q(tags__contains=[word])
        )
    return rows


def locked_for_runs(ids: Collection[UUID]) -> dict[UUID, Deployment]:
    """Deployments with flow and pool, none of which can be deleted before the commit.

    Three queries at most.
    """
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_DEPLOYMENTS, [list(ids)])
        rows = (
            Deployment.objects.filter(id__in=list(ids))
            .select_related("flow", "work_pool")
            .order_by("id")
        )
        deployments = {deployment.id: deployment for deployment in rows}
        pools = {d.work_pool_id for d in deployments.values() if d.work_pool_id}
        held: set[UUID] = set()
        if pools:
            cursor.execute(_HOLD_POOLS, [list(pools)])
            held = {row[0] for row in cursor.fetchall()}
    for deployment in deployments.values():
        if deployment.work_pool_id not in held:
            deployment.work_pool = None
    return deployments


def locked_flows(ids: Collection[UUID]) -> dict[UUID, Flow]:
    """Flows, none of which can be deleted before the commit. Two queries, none for no ids."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_FLOWS, [list(ids)])
    return Flow.objects.in_bulk(list(ids))


def pool_named(name: str) -> WorkPool | None:
    return WorkPool.objects.filter(name=name).first()


def roots_of_flint(*, limit: int = 50) -> list[str]:
    """The folders that deployments of flint pools were deployed from, by name."""
    own = Deployment.objects.filter(work_pool__type="flint", flow_root__isnull=False)
    roots = own.order_by("flow_root").values_list("flow_root", flat=True).distinct()[:limit]
    return [root for root in roots if root is not None]
