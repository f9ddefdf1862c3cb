"""Making and changing automations: every change is a version, in the order of changes.

A change takes three steps. The log gives a point in its time, from which on the version may
apply; one transaction writes it; and the log wakes the evaluator, which looks for changes.
So whatever is sent after the answer is evaluated against the new version.
"""

import functools
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from events_app.domain.position import StreamId
from events_app.stream import log
from project.lib import redis_client
from project.lib.problems import Invalid, Problem
from triggers_app.domain.actions import CallWebhook, RunDeployment, SendNotification
from triggers_app.domain.automation import AutomationDocument, document, with_ids
from triggers_app.domain.loops import loop_problems
from triggers_app.domain.parsing import enabling_problem, parse_automation
from triggers_app.engine.templates import Templates
from triggers_app.engine.templates_parameters import check_parameters
from triggers_app.models import Automation
from triggers_app.storage import automations as storage


def create(automation: AutomationDocument, *, author: str, now: datetime) -> Automation:
    """Save a new automation. Raises Invalid."""
    require_sound(automation)
    row = new_row(automation)
    effective_after = point_in_log()
    with transaction.atomic():
        storage.write([row], new=True, effective_after=effective_after, author=author, now=now)
        wake_evaluator()
    return row


def replace(
    automation_id: UUID, automation: AutomationDocument, *, author: str, now: datetime
) -> Automation:
    """Save another state of an automation; without a difference nothing is written.

    Triggers equal to their predecessors keep their ids and windows; the owner stays.
    Raises Automation.DoesNotExist and Invalid.
    """
    require_sound(automation)
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        if revise(row, automation):
            _write_changed([row], effective_after, author=author, now=now)
    return row


def enable(automation_id: UUID, on: bool, *, author: str, now: datetime) -> Automation:
    """Switch an automation on or off; switching on also ends its quarantine.

    Raises Automation.DoesNotExist, and Invalid when it cannot be enabled.
    """
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        automation = parse_automation(row.document).model_copy(update={"enabled": on})
        if on:
            _require_enabling(automation)
        if revise(row, automation):
            _write_changed([row], effective_after, author=author, now=now)
    return row


def delete(automation_id: UUID, *, author: str, now: datetime) -> Automation:
    """Delete an automation; its firings and versions stay. Raises Automation.DoesNotExist."""
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        mark_deleted(row, now=now)
        _write_changed([row], effective_after, author=author, now=now)
    return row


def delete_owned_by(resource_id: str, *, author: str, now: datetime) -> int:
    """Delete every automation that the resource owns; how many there were."""
    effective_after = point_in_log()
    with transaction.atomic():
        rows = storage.locked_owned_by(resource_id)
        for row in rows:
            mark_deleted(row, now=now)
        if rows:
            _write_changed(rows, effective_after, author=author, now=now)
    return len(rows)


def require_sound(automation: AutomationDocument) -> None:
    """Raises Invalid with everything that speaks against saving it."""
    problems = template_problems(automation)
    if automation.enabled:
        problems += _enabling_problems(automation)
    if problems:
        raise Invalid(problems)


def template_problems(automation: AutomationDocument) -> list[Problem]:
    """What is wrong with the templates in its actions."""
    templates = _compiled()
    problems: list[Problem] = []
    for name in ("actions", "actions_on_trigger", "actions_on_resolve"):
        for index, action in enumerate(getattr(automation, name)):
            texts: dict[str, object] = {}
            if isinstance(action, RunDeployment):
                texts = {"parameters": action.parameters}
            elif isinstance(action, SendNotification):
                texts = {"subject": action.subject, "body": action.body}
            elif isinstance(action, CallWebhook):
                texts = {"payload": action.payload}
            for key, value in texts.items():
                problems += check_parameters(value, loc=(name, index, key), templates=templates)
    return problems


@functools.cache
def _compiled() -> Templates:
    """Many automations are saved with the same templates; to compile one takes 1 ms."""
    return Templates()


def revise(row: Automation, automation: AutomationDocument) -> bool:
    """Put a document into the row; False when it says what the row already says."""
    automation = with_ids(automation, parse_automation(row.document))
    if document(automation) == row.document and row.quarantine_reason is None:
        return False
    _fill(row, automation)
    row.version += 1
    row.quarantine_reason = row.quarantined = None
    return True


def mark_deleted(row: Automation, *, now: datetime) -> None:
    row.version += 1
    row.deleted = now


def new_row(automation: AutomationDocument) -> Automation:
    """A row for a new automation, with ids for its triggers; not saved."""
    row = Automation(id=uuid4(), owner_resource=automation.owner_resource)
    _fill(row, with_ids(automation))
    return row


def point_in_log() -> StreamId:
    """The point in log time after which a version that is saved next may apply."""
    return log.append_wakeup(redis_client.client())


def wake_evaluator() -> None:
    """After the caller's commit, let the evaluator look for what changed."""
    # The change is saved: should Redis be away, the evaluator finds it at its next batch.
    transaction.on_commit(partial(log.append_wakeup, redis_client.client()), robust=True)


def _fill(row: Automation, automation: AutomationDocument) -> None:
    row.name = automation.name
    row.description = automation.description
    row.enabled = automation.enabled
    row.tags = automation.tags
    row.document = document(automation)
    row.related_resources = automation.related_resources


def _locked(automation_id: UUID) -> Automation:
    row = storage.locked(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    return row


def _write_changed(
    rows: Sequence[Automation], effective_after: StreamId, *, author: str, now: datetime
) -> None:
    storage.write(rows, new=False, effective_after=effective_after, author=author, now=now)
    wake_evaluator()


def _require_enabling(automation: AutomationDocument) -> None:
    if problems := _enabling_problems(automation):
        raise Invalid(problems)


def _enabling_problems(automation: AutomationDocument) -> list[Problem]:
    reason = enabling_problem(automation)
    problems = [] if reason is None else [Problem((), reason)]
    return problems + loop_problems(automation)
