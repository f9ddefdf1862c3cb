"""Celery's side of automations: thin, safe to run twice and in any order."""

from functools import partial

from celery import shared_task

from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.wake import wake
from triggers_app.services import evaluating


class _Evaluating:
    """What the evaluator's process remembers between the leases that it is given."""

    memory: evaluating.Memory | None = None


@shared_task(name="triggers.evaluate", queue="evaluate", ignore_result=True)  # type: ignore[untyped-decorator]  # Celery has no types
def evaluate_events(**_: object) -> None:
    """One lease; it sends itself on, and beat sends it where no one does."""
    memory, _Evaluating.memory = _Evaluating.memory, None
    report = evaluating.run_lease(
        memory,
        client=redis_client.client(),
        clock=utcnow,
        wake_dispatcher=partial(wake, "triggers.dispatch", queue="actions"),
    )
    _Evaluating.memory = report.memory
    if report.owner:
        evaluate_events.apply_async(expires=2.0)
