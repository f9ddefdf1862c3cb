"""Limits with their slots as they stand, locked; and the leases that hold some."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from runs_app.domain.concurrency import SlotCount, mean_occupancy
from runs_app.models.concurrency import ConcurrencyLimit, LeasedLimit, SlotLease

# Raw SQL: rows of one table by those of another.
_DROP_LINKS = """
    DELETE FROM leased_limit USING slot_lease
    WHERE leased_limit.lease_id = slot_lease.id AND slot_lease.expires <= %s
      AND slot_lease.id IN (SELECT lease_id FROM leased_limit WHERE limit_id = ANY(%s))
    RETURNING slot_lease.id
"""
_DROP_LEASES = "DELETE FROM slot_lease WHERE id = ANY(%s)"


def locked(names: Collection[str]) -> list[ConcurrencyLimit]:
    """The limits of these names, in one order for everybody. One query."""
    limits = ConcurrencyLimit.objects.filter(name__in=list(names))
    return list(limits.select_for_update(no_key=True).order_by("id"))


def counts(limits: Sequence[ConcurrencyLimit], now: datetime) -> dict[UUID, SlotCount]:
    """How the limits stand; leases that are over do not count. One query."""
    leased = leased_slots(now).filter(pk__in=[limit.pk for limit in limits])
    by_id = {row[0]: row[1] for row in leased.values_list("pk", "leased")}
    return {limit.pk: count_of(limit, by_id.get(limit.pk, 0)) for limit in limits}


def leased_slots(now: datetime) -> "QuerySet[Any]":
    """All limits with `leased`, the slots that leases hold."""
    holding = Sum("leases__slots", filter=Q(leases__expires__gt=now))
    return ConcurrencyLimit.objects.annotate(leased=Coalesce(holding, 0))


def count_of(limit: ConcurrencyLimit, leased: int) -> SlotCount:
    return SlotCount(
        name=limit.name,
        limit=limit.limit,
        counted=limit.active_slots,
        at=limit.counted,
        leased=leased,
        denied=limit.denied_slots,
        decay_per_second=limit.slot_decay_per_second,
        occupancy_seconds=limit.avg_slot_occupancy_seconds,
    )


def drop_expired(limit_ids: Sequence[UUID], now: datetime) -> None:
    """Forget leases of these limits that nobody has renewed in time. One query, mostly."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP_LINKS, [now, list(limit_ids)])
        gone = [row[0] for row in cursor.fetchall()]
        if gone:
            cursor.execute(_DROP_LEASES, [gone])


def deny(limit_ids: Collection[UUID], slots: int) -> None:
    rows = ConcurrencyLimit.objects.filter(pk__in=list(limit_ids))
    rows.update(denied_slots=F("denied_slots") + slots)


def drop_long_expired(now: datetime, *, limit: int) -> int:
    """Leases that are over, of limits that nobody has asked since or that are gone."""
    old = SlotLease.objects.filter(expires__lte=now).order_by("expires", "id")
    ids = list(old.values_list("pk", flat=True)[:limit])
    if ids:
        # One that has been renewed meanwhile stays.
        SlotLease.objects.filter(pk__in=ids, expires__lte=now).delete()
    return len(ids)


def clear_denied(limits: Sequence[ConcurrencyLimit]) -> None:
    """No query where nobody was denied any."""
    if limits:
        rows = ConcurrencyLimit.objects.filter(pk__in=[limit.pk for limit in limits])
        rows.update(denied_slots=0)


def count_taken(limits: Sequence[ConcurrencyLimit], more: int, now: datetime) -> None:
    """Count slots that are taken (or, less than 0, given back) without a lease. One query."""
    for limit in limits:
        limit.active_slots = max(0, count_of(limit, 0).undecayed(now) + more)
        limit.counted, limit.denied_slots = now, 0
    _save(limits, ["active_slots", "counted", "denied_slots"])


def note_occupancy(limits: Sequence[ConcurrencyLimit], seconds: float) -> None:
    """One query."""
    for limit in limits:
        before = limit.avg_slot_occupancy_seconds
        limit.avg_slot_occupancy_seconds = mean_occupancy(before, seconds, limit=limit.limit)
    _save(limits, ["avg_slot_occupancy_seconds"])


def _save(limits: Sequence[ConcurrencyLimit], fields: list[str]) -> None:
    if limits:
        ConcurrencyLimit.objects.bulk_update(limits, fields)


def lease(
    lease_id: UUID,
    limits: Sequence[ConcurrencyLimit],
    *,
    slots: int,
    seconds: float,
    holder: tuple[str, UUID] | None,
    now: datetime,
) -> None:
    """Two queries."""
    kind, holder_id = holder or (None, None)
    made = SlotLease.objects.create(
        id=lease_id,
        slots=slots,
        holder_type=kind,
        holder_id=holder_id,
        expires=now + timedelta(seconds=seconds),
        created=now,
    )
    LeasedLimit.objects.bulk_create([LeasedLimit(lease=made, limit=limit) for limit in limits])


def renew(lease_id: UUID, *, seconds: float, now: datetime) -> bool:
    """False when it is over. One query."""
    holding = SlotLease.objects.filter(pk=lease_id, expires__gt=now)
    return holding.update(expires=now + timedelta(seconds=seconds)) == 1


def locked_lease(lease_id: UUID) -> SlotLease | None:
    return SlotLease.objects.select_for_update().filter(pk=lease_id).first()


def limits_of(lease: SlotLease) -> list[ConcurrencyLimit]:
    limits = ConcurrencyLimit.objects.filter(leases=lease)
    return list(limits.select_for_update(no_key=True).order_by("id"))


def leases_of_holder(limit_ids: Collection[UUID], holder_id: UUID) -> list[UUID]:
    held = SlotLease.objects.filter(holder_id=holder_id, limits__in=list(limit_ids))
    return list(held.distinct().values_list("pk", flat=True))


def holders(limit_ids: Collection[UUID], now: datetime) -> dict[UUID, list[str]]:
    """The ids of those that hold slots of a limit, by limit. One query."""
    rows = LeasedLimit.objects.filter(
        limit_id__in=list(limit_ids), lease__expires__gt=now, lease__holder_id__isnull=False
    ).order_by("lease__created", "id")
    holders: dict[UUID, list[str]] = {limit_id: [] for limit_id in limit_ids}
    for limit_id, holder_id in rows.values_list("limit_id", "lease__holder_id"):
        holders[limit_id].append(str(holder_id))
    return holders
