"""Celery's side of automations: thin, safe to run twice and in any order."""

import time
from functools import partial

from celery import shared_task

from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.wake import wake
from triggers_app.services import evaluating
from triggers_app.services.dispatching import Dispatcher


class _Evaluating:
    """What the evaluator's process remembers between the leases that it is given."""

    memory: evaluating.Memory | None = None


@shared_task(name="triggers.evaluate", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def evaluate_events(**_: object) -> None:
    """One lease; it sends itself on, and beat sends it where no one does."""
    memory, _Evaluating.memory = _Evaluating.memory, None
    report = evaluating.run_lease(
        memory,
        client=redis_client.client(),
        clock=utcnow,
        wake=partial(wake, queue="actions"),
    )
    _Evaluating.memory = report.memory
    if report.owner:
        evaluate_events.apply_async(expires=2.0)


class _Dispatching:
    """What a dispatcher's process keeps: its compiled templates."""

    dispatcher: Dispatcher | None = None


@shared_task(name="triggers.dispatch", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def dispatch_actions(**_: object) -> None:
    """Carry out what is pending; any number may run at once."""
    if _Dispatching.dispatcher is None:
        _Dispatching.dispatcher = Dispatcher(clock=utcnow, timer=time.monotonic)
    _Dispatching.dispatcher.run()
