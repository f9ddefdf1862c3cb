"""Slots of concurrency limits: taken, held by leases, given back."""

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from runs_app.domain.concurrency import TAG, deployment_limit_name, retry_after
from runs_app.domain.ids import RANDOM_BYTES, time_ordered_id
from runs_app.models.concurrency import ConcurrencyLimit, SlotLease
from runs_app.storage import concurrency as storage

_FORGOTTEN_AT_ONCE = 1000
Mode = Literal["concurrency", "rate_limit"]


@dataclass(frozen=True, slots=True)
class SlotsHeld:
    """Slots of these limits are taken; `lease_id` when a lease holds them."""

    limits: Sequence[ConcurrencyLimit]
    lease_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LimitFull:
    """There is no room; it is worth to ask again after so many seconds."""

    limits: Sequence[ConcurrencyLimit]
    retry_after_seconds: float


class ImpossibleSlots(Exception):
    """The limits could never give that; the text is Prefect's."""


class TakenLimitName(Exception):
    """Another limit has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """For how long slots are held without being renewed, and by whom."""

    seconds: float
    holder: tuple[str, UUID] | None = None


def take(
    names: Sequence[str],
    slots: int,
    *,
    now: datetime,
    mode: Mode = "concurrency",
    lease: LeaseTerms | None = None,
) -> SlotsHeld | LimitFull:
    """Take slots of all limits of these names, or of none.

    Names without a limit, and limits that are not active, hold up nobody. A lease of nothing is
    not kept: its id is a random one, which `renew` and `end` know. Raises ImpossibleSlots. Six
    queries, one without limits.
    """
    with transaction.atomic():
        limits = storage.locked(names)
        active = [limit for limit in limits if limit.active]
        if not active:
            return SlotsHeld(limits, uuid4() if lease else None)
        _check(active, slots, mode)
        ids = [limit.pk for limit in active]
        storage.drop_expired(ids, now)
        counts = storage.counts(active, now)
        full = [counts[pk] for pk in ids if not counts[pk].has_room(slots, now)]
        if full:
            storage.deny(ids, slots)
            wait = retry_after(full, slots=slots, now=now, chance=random.random())
            return LimitFull(limits, wait)
        if lease is None:
            storage.count_taken(active, slots, now)
            return SlotsHeld(limits)
        storage.clear_denied([limit for limit in active if limit.denied_slots])
        lease_id = time_ordered_id(now, os.urandom(RANDOM_BYTES))
        storage.lease(
            lease_id, active, slots=slots, seconds=lease.seconds, holder=lease.holder, now=now
        )
    return SlotsHeld(limits, lease_id)


def give_back(
    names: Sequence[str], slots: int, *, occupancy_seconds: float | None, now: datetime
) -> Sequence[ConcurrencyLimit]:
    """Give slots back that were taken without a lease. Three queries."""
    with transaction.atomic():
        limits = storage.locked(names)
        active = [limit for limit in limits if limit.active]
        storage.count_taken(active, -slots, now)
        if occupancy_seconds:
            storage.note_occupancy(active, occupancy_seconds / slots)
    return limits


def renew(lease_id: UUID, *, seconds: float, now: datetime) -> bool:
    """False when the lease is over. One query; none for a lease of nothing."""
    return lease_id.version == 4 or storage.renew(lease_id, seconds=seconds, now=now)


def end(lease_id: UUID, *, now: datetime) -> bool:
    """Give back what a lease holds; False when it is over already. Four queries."""
    with transaction.atomic():
        lease = storage.locked_lease(lease_id)
        if lease is None:
            return False
        _note_end(lease, now)
        lease.delete()
    return True


def delete_expired_leases(*, now: datetime) -> int:
    """Delete leases that are over, a thousand at a time; how many. They count no more anyway."""
    with transaction.atomic():
        return storage.drop_long_expired(now, limit=_FORGOTTEN_AT_ONCE)


def end_of_holder(
    names: Sequence[str], holder_id: UUID, *, now: datetime
) -> Sequence[ConcurrencyLimit]:
    """Give back all that one holds of these limits; the limits."""
    limits = list(ConcurrencyLimit.objects.filter(name__in=list(names)).order_by("id"))
    for lease_id in storage.leases_of_holder([limit.pk for limit in limits], holder_id):
        end(lease_id, now=now)
    return limits


def _note_end(lease: SlotLease, now: datetime) -> None:
    held = (now - lease.created).total_seconds()
    storage.note_occupancy(storage.limits_of(lease), held / max(1, lease.slots))


def _check(limits: Sequence[ConcurrencyLimit], slots: int, mode: Mode) -> None:
    if any(limit.limit < slots for limit in limits):
        raise ImpossibleSlots("Slots requested is greater than the limit")
    still = [limit.name for limit in limits if limit.slot_decay_per_second == 0.0]
    if mode == "rate_limit" and still:
        raise ImpossibleSlots(
            "Only concurrency limits with slot decay can be used for rate limiting. The following"
            f" limits do not have a decay configured: {','.join(still)!r}"
        )


def create(fields: Mapping[str, Any], *, now: datetime) -> Document:
    """Raises TakenLimitName."""
    try:
        with transaction.atomic():
            made = ConcurrencyLimit.objects.create(**fields, counted=now)
    except IntegrityError:
        raise TakenLimitName from None
    return limit_document(made, leased=0, now=now)


def read(which: str, *, now: datetime) -> Document | None:
    """By id or by name."""
    row = storage.leased_slots(now).filter(**_key(which)).first()
    return None if row is None else limit_document(row, leased=row.leased, now=now)


def page(*, limit: int, offset: int, now: datetime) -> list[Document]:
    """By name. One query."""
    rows = storage.leased_slots(now).order_by("name")[offset : offset + limit]
    return [limit_document(row, leased=row.leased, now=now) for row in rows]


def put(name: str, limit: int, decay_per_second: float, *, now: datetime) -> None:
    """Make the limit, or change the one of that name."""
    with transaction.atomic():
        for row in storage.locked([name]):
            storage.count_taken([row], 0, now)  # what has decayed until now has
        given = {"limit": limit, "slot_decay_per_second": decay_per_second}
        made = {**given, "counted": now}
        ConcurrencyLimit.objects.update_or_create(name=name, defaults=given, create_defaults=made)


def change(which: str, fields: Mapping[str, Any], *, now: datetime) -> bool:
    """False when there is no such limit. Raises TakenLimitName."""
    try:
        with transaction.atomic():
            rows = ConcurrencyLimit.objects.select_for_update().filter(**_key(which))
            row = rows.first()
            if row is None:
                return False
            storage.count_taken([row], 0, now)  # what has decayed until now has
            for name, value in fields.items():
                setattr(row, name, value)
            row.save()
    except IntegrityError:
        raise TakenLimitName from None
    return True


def delete(which: str) -> bool:
    """Leases of it hold nothing more."""
    return ConcurrencyLimit.objects.filter(**_key(which)).delete()[0] > 0


def _key(which: str) -> dict[str, Any]:
    try:
        return {"pk": UUID(which)}
    except ValueError:
        return {"name": which}


def limit_document(limit: ConcurrencyLimit, *, leased: int, now: datetime) -> Document:
    count = storage.count_of(limit, leased)
    return {
        "id": limit.id,
        "created": limit.created,
        "updated": limit.updated,
        "active": limit.active,
        "name": limit.name,
        "limit": limit.limit,
        "active_slots": count.taken(now),
        "denied_slots": limit.denied_slots,
        "slot_decay_per_second": limit.slot_decay_per_second,
        "avg_slot_occupancy_seconds": limit.avg_slot_occupancy_seconds,
    }


def keep_deployment_limit(deployment_id: UUID, limit: int | None, *, now: datetime) -> None:
    """The limit of a deployment's runs, made, changed or taken away. The caller has locked it."""
    if limit is None:
        drop_deployment_limits([deployment_id])
        return
    name = deployment_limit_name(deployment_id)
    # Known by the deployment's own id, so that its document names it without a query.
    made = {"id": deployment_id, "limit": limit, "counted": now}
    ConcurrencyLimit.objects.update_or_create(
        name=name, defaults={"limit": limit}, create_defaults=made
    )


def drop_deployment_limits(deployment_ids: Sequence[UUID]) -> None:
    names = [deployment_limit_name(each) for each in deployment_ids]
    ConcurrencyLimit.objects.filter(name__in=names).delete()


def ensure_tag(tag: str, limit: int, *, now: datetime) -> tuple[Document, bool]:
    """The limit of tasks with a tag, made or changed; and whether it was made now."""
    with transaction.atomic():
        row, made = ConcurrencyLimit.objects.update_or_create(
            name=TAG + tag,
            defaults={"limit": limit},
            create_defaults={"limit": limit, "counted": now},
        )
    return tag_documents([row], now=now)[0], made


def tags(*, limit: int, offset: int, now: datetime) -> list[Document]:
    """Two queries."""
    rows = ConcurrencyLimit.objects.filter(name__startswith=TAG).order_by("name")
    return tag_documents(rows[offset : offset + limit], now=now)


def tag(which: str | UUID, *, now: datetime) -> Document | None:
    """By tag or by id. Two queries."""
    rows = _tag_rows(which)[:1]
    return next(iter(tag_documents(rows, now=now)), None)


def delete_tag(which: str | UUID) -> bool:
    return bool(_tag_rows(which).delete()[0])


def reset_tag(tag: str, holders: Sequence[UUID], *, seconds: float, now: datetime) -> bool:
    """Nobody holds a slot any more but these; False when there is no such limit."""
    with transaction.atomic():
        rows = storage.locked([TAG + tag])
        for row in rows:
            SlotLease.objects.filter(limits=row).delete()
            row.active_slots, row.counted = 0, now
            row.save()
            for holder_id in holders:
                lease_id = time_ordered_id(now, os.urandom(RANDOM_BYTES))
                holder = ("task_run", holder_id)
                storage.lease(lease_id, [row], slots=1, seconds=seconds, holder=holder, now=now)
    return bool(rows)


def _tag_rows(which: str | UUID) -> Any:
    rows = ConcurrencyLimit.objects.filter(name__startswith=TAG)
    return rows.filter(pk=which) if isinstance(which, UUID) else rows.filter(name=TAG + which)


def tag_documents(rows: Any, *, now: datetime) -> list[Document]:
    limits = list(rows)
    held = storage.holders([row.pk for row in limits], now)
    return [
        {
            "id": row.id,
            "created": row.created,
            "updated": row.updated,
            "tag": row.name.removeprefix(TAG),
            "concurrency_limit": row.limit,
            "active_slots": held[row.pk],
        }
        for row in limits
    ]
