"""Work pools: who executes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from runs_app.domain.object_events import Changes
from runs_app.domain.variables import template_problems
from runs_app.models import WorkPool
from runs_app.reads.documents import work_pool_document
from runs_app.services import queues
from runs_app.services.announcing import announce, event_of, of_pool, update_event
from runs_app.services.deployments import FLINT_POOL_TYPE

_OWN_EVENTS = frozenset({"is_paused", "base_job_template"})
_WHEN_NULL: dict[str, Any] = {"is_paused": False, "base_job_template": {}, "type": "process"}


def create(name: str, fields: Mapping[str, Any], *, now: datetime) -> Document | None:
    """The new pool's document; None when the name is taken. Raises Invalid."""
    values = {"type": "process", **_plain(fields)}
    _check_template(values["type"], values.get("base_job_template"))
    try:
        with transaction.atomic():
            pool = WorkPool.objects.create(**{**values, "name": name})
            queues.add_default(pool)
            announce([event_of(of_pool(pool), "created", now=now)])
            return work_pool_document(pool)
    except IntegrityError:
        return None


def change(name: str, fields: Mapping[str, Any], *, now: datetime) -> bool:
    """False when there is no such pool. Raises Invalid."""
    with transaction.atomic():
        pool = WorkPool.objects.select_for_update().filter(name=name).first()
        if pool is None:
            return False
        _check_template(pool.type, fields.get("base_job_template"))
        changes = {}
        for field, value in _plain(fields).items():
            if (old := getattr(pool, field)) != value:
                setattr(pool, field, value)
                changes[field] = (old, value)
        if changes:
            pool.save()
        _announce_changed(pool, changes, now=now)
    return True


def delete(name: str, *, now: datetime) -> bool:
    """Its deployments and runs stay, without a pool. False when there is no such pool."""
    with transaction.atomic():
        pool = WorkPool.objects.select_for_update().filter(name=name).first()
        if pool is None:
            return False
        announce([event_of(of_pool(pool), "deleted", now=now)])
        pool.delete()
    return True


def set_paused(pool_id: UUID, paused: bool, *, now: datetime) -> bool:
    """Pause or resume; False when there is no such pool."""
    with transaction.atomic():
        pool = WorkPool.objects.select_for_update().filter(pk=pool_id).first()
        if pool is None:
            return False
        if pool.is_paused is not paused:
            pool.is_paused, pool.updated = paused, now
            pool.save(update_fields=["is_paused", "updated"])
            _announce_changed(pool, {"is_paused": (not paused, paused)}, now=now)
    return True


def _check_template(pool_type: str, base_job_template: Any) -> None:
    if pool_type == FLINT_POOL_TYPE and (problems := template_problems(base_job_template)):
        raise Invalid(problems)


def _announce_changed(pool: WorkPool, changes: Changes, *, now: datetime) -> None:
    """A pause is a status of its own; Flint's own pools are ready without a worker."""
    subject = of_pool(pool)
    events = []
    if "is_paused" in changes:
        resumed = "ready" if pool.type == FLINT_POOL_TYPE or pool.ready else "not-ready"
        events.append(event_of(subject, "paused" if pool.is_paused else resumed, now=now))
    fields = {name: each for name, each in changes.items() if name not in _OWN_EVENTS}
    if fields:
        events.append(update_event(subject, fields, now=now))
    announce(events)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _WHEN_NULL.get(n) if v is None else v for n, v in fields.items()}
