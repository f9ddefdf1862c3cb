"""Celery's side of automations: thin, safe to run twice and in any order."""

import threading
import time
from functools import partial

from celery import shared_task
from django.conf import settings

from events_app.storage import reader
from project.lib import duty, redis_client, wake
from project.lib.clock import utcnow
from triggers_app.delivery.http import OutgoingClient
from triggers_app.services import draft_retention, evaluating, snapshots
from triggers_app.services.dispatching import Dispatcher
from triggers_app.services.looking import DueLook
from triggers_app.services.sending import Sender


class _Evaluating:
    """What the evaluator's process remembers between the leases that it is given."""

    memory: evaluating.Memory | None = None


@shared_task(name="triggers.evaluate", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def evaluate_events(**_: object) -> None:
    """One lease; it sends itself on."""
    duty.hold(evaluate_events, _evaluate)


def _evaluate() -> bool:
    memory, _Evaluating.memory = _Evaluating.memory, None
    if memory is None and reader.served_lately(evaluating.READER):
        return False  # the owner is between two leases: its memory is good, ours would be loaded
    report = evaluating.run_lease(
        memory,
        client=redis_client.client(),
        clock=utcnow,
        wake=partial(wake.wake, queue="actions"),
    )
    _Evaluating.memory = report.memory
    return report.owner


class _Dispatching:
    """What a dispatcher's process keeps: its looks, its client for outside."""

    look: DueLook | None = None
    sender: Sender | None = None
    # Waiting for answers may keep one thread of the worker, and no more.
    sending = threading.Lock()


DISPATCHER = Dispatcher(
    clock=utcnow,
    timer=time.monotonic,
    per_minute=settings.FLINT_MAX_ACTIONS_PER_MINUTE,
    public_url=settings.FLINT_PUBLIC_URL,
)


def _look() -> None:
    if _Dispatching.look is None:
        _Dispatching.look = DueLook(
            DISPATCHER, log_client=redis_client.client(), clock=utcnow, timer=time.monotonic
        )
    _Dispatching.look()


DISPATCHING = duty.Duty(wake.DISPATCH, work=DISPATCHER.run, look=_look, look_every_seconds=1.0)


@shared_task(name="triggers.dispatch", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def dispatch_actions(**_: object) -> None:
    """Carry out what is pending; any number of processes may do it at once."""
    DISPATCHING.serve(dispatch_actions)


@shared_task(name="triggers.deliver", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def deliver_outside(**_: object) -> None:
    """Send what is due outside; in each process one task at a time, which sends them all."""
    if not _Dispatching.sending.acquire(blocking=False):
        if _Dispatching.sender is not None:
            _Dispatching.sender.poke()
        return
    try:
        if _Dispatching.sender is None:
            client = OutgoingClient(allow_private=settings.FLINT_ALLOW_PRIVATE_WEBHOOKS)
            _Dispatching.sender = Sender(clock=utcnow, client=client)
        _Dispatching.sender.run()
    finally:
        _Dispatching.sending.release()


@shared_task(name="triggers.snapshot", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def keep_snapshots(**_: object) -> None:
    """One snapshot of the evaluator's windows a day, for explanations."""
    snapshots.keep(now=utcnow())


@shared_task(name="triggers.forget_drafts", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def delete_old_drafts(**_: object) -> None:
    """Drafts that nobody touched for 30 days, a thousand at a time."""
    draft_retention.delete_old(now=utcnow())
