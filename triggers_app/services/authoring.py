"""Making and changing automations: every change is a version, in the order of changes.

A change takes three steps. The log gives a point in its time, from which on the version may
apply; one transaction writes it; and the log wakes the evaluator, which looks for changes.
So whatever is sent after the answer is evaluated against the new version.
"""

import functools
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from events_app.domain.event import Event
from events_app.domain.position import StreamId
from events_app.storage import outbox
from events_app.stream import log
from project.lib import redis_client, wake
from project.lib.problems import Invalid, Problem
from runs_app.domain.variables import variable_problems
from triggers_app.domain.actions import CallWebhook, RunDeployment, SendNotification
from triggers_app.domain.automation import (
    AutomationDocument,
    document,
    in_shadow,
    meaning,
    meaning_key,
    with_ids,
)
from triggers_app.domain.automation_events import changed_event
from triggers_app.domain.blocks import header_problems
from triggers_app.domain.loops import loop_problems
from triggers_app.domain.parsing import enabling_problem, parse_automation
from triggers_app.engine.templates import Templates
from triggers_app.engine.templates_budget import Budget
from triggers_app.engine.templates_parameters import check_parameters
from triggers_app.models import Automation
from triggers_app.services.browsing import automation_document as document_of
from triggers_app.services.cycle_guard import certain_cycle_of
from triggers_app.storage import automations as storage
from triggers_app.storage import grace
from triggers_app.storage.targets import is_run_by_flint

# Of CPU, for the templates of one automation that are new to this process.
CHECKING_SECONDS = 1.0


def create(automation: AutomationDocument, *, author: str, now: datetime) -> Automation:
    """Save a new automation. Raises Invalid.

    When its owner's automations were deleted a moment ago, one that is equal lives on as this.
    """
    require_sound(automation)
    effective_after = point_in_log()
    with transaction.atomic():
        row = _taken_over(automation)
        is_new = row is None
        row = row or new_row(automation)
        save([row], effective_after, new=is_new, change="created", author=author, now=now)
    if not is_new and grace.settle_parked([row.pk], now=now):
        wake.wake("triggers.dispatch", queue="actions")
    return row


def replace(
    automation_id: UUID,
    automation: AutomationDocument,
    *,
    keeps_options: bool = False,
    author: str,
    now: datetime,
) -> Automation:
    """Save another state of an automation; without a difference nothing is written.

    Triggers equal to their predecessors keep their ids and windows; the owner stays. With
    `keeps_options` so does `flint`, when the document does not have that key.
    Raises Automation.DoesNotExist and Invalid.
    """
    require_sound(automation, automation_id=automation_id)
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        if keeps_options:
            automation = _with_options_of(row, automation)
        if revise(row, automation):
            save([row], effective_after, author=author, now=now)
    return row


def enable(automation_id: UUID, on: bool, *, author: str, now: datetime) -> Automation:
    """Switch an automation on or off; switching on also ends its quarantine.

    Raises Automation.DoesNotExist, and Invalid when it cannot be enabled.
    """
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        if switch(row, on):
            save([row], effective_after, author=author, now=now)
    return row


def shadow(automation_id: UUID, on: bool, *, author: str, now: datetime) -> Automation:
    """Let nothing follow from its firings any more, or again; its windows stay.

    Raises Automation.DoesNotExist, and Invalid when it is enabled and must not act.
    """
    effective_after = point_in_log()
    with transaction.atomic():
        row = _locked(automation_id)
        automation = in_shadow(parse_automation(row.document), on)
        if automation.enabled and not on and (problems := _enabling_problems(automation, row.pk)):
            raise Invalid(problems)
        if revise(row, automation):
            save([row], effective_after, author=author, now=now)
    return row


def _with_options_of(row: Automation, automation: AutomationDocument) -> AutomationDocument:
    """Prefect's clients know no `flint`: what they do not say must not make a shadow act."""
    if "flint" in automation.model_fields_set:
        return automation
    kept = parse_automation(row.document).flint
    return automation.model_copy(update={"flint": kept})


def delete(automation_id: UUID, *, author: str, now: datetime) -> Automation:
    """Delete an automation; its firings and versions stay. Raises Automation.DoesNotExist.

    One that went with its owner a moment ago does not come back any more, either.
    """
    effective_after = point_in_log()
    row = None
    with transaction.atomic():
        gone = grace.locked([automation_id])
        if gone:
            end_grace(gone, effective_after, author=author, now=now)
        else:
            row = _locked(automation_id)
            mark_deleted(row, now=now)
            save([row], effective_after, author=author, now=now)
    if row is None:
        grace.discard_parked([automation_id], now=now)
        raise Automation.DoesNotExist
    return row


def delete_owned_by(resource_id: str, *, now: datetime) -> int:
    """Take away all automations of an owner, which may bring them back at once; how many.

    Nobody sees them from now on. They go on evaluating, and what they do is parked, until the
    owner saves them again, or for 30 seconds.
    """
    with transaction.atomic():
        return grace.begin(resource_id, now=now)


def end_grace(
    rows: Sequence[Automation], effective_after: StreamId, *, author: str, now: datetime
) -> None:
    """Those will not be brought back. The caller discards what they parked after its commit."""
    for row in rows:
        row.version += 1
        row.grace = "over"
    storage.write(rows, new=False, effective_after=effective_after, author=author, now=now)
    wake_evaluator()


def _taken_over(automation: AutomationDocument) -> Automation | None:
    """The automation of the same owner that this one continues, with its windows."""
    if automation.owner_resource is None:
        return None
    gone = grace.locked_of_owner(automation.owner_resource)
    known = {row.pk: parse_automation(row.document) for row in gone}
    wanted = meaning(automation.trigger)
    equal = (row for row in gone if meaning(known[row.pk].trigger) == wanted)
    named = (row for row in gone if row.name == automation.name)
    row = next(equal, None) or next(named, None)
    if row is not None:
        _fill(row, with_ids(_with_options_of(row, automation), known[row.pk]))
        row.version += 1
        row.deleted = row.grace = row.quarantine_reason = row.quarantined = None
    return row


def require_sound(automation: AutomationDocument, *, automation_id: UUID | None = None) -> None:
    """Raises Invalid with everything that speaks against saving it, as that automation."""
    problems = action_problems(automation)
    if automation.enabled:
        problems += _enabling_problems(automation, automation_id)
    if problems:
        raise Invalid(problems)


def switch(row: Automation, on: bool) -> bool:
    """Put the switch into the row; False when it is so already. Raises Invalid."""
    automation = parse_automation(row.document).model_copy(update={"enabled": on})
    if on and (problems := _enabling_problems(automation, row.pk)):
        raise Invalid(problems)
    return revise(row, automation)


def action_problems(automation: AutomationDocument) -> list[Problem]:
    """What is wrong with the templates, headers and variables in its actions."""
    templates = _compiled()
    budget = Budget(time.thread_time, seconds=CHECKING_SECONDS)
    problems: list[Problem] = []
    for name in ("actions", "actions_on_trigger", "actions_on_resolve"):
        for index, action in enumerate(getattr(automation, name)):
            texts: dict[str, object] = {}
            if isinstance(action, RunDeployment):
                texts = {"parameters": action.parameters}
                problems += _variable_problems(action, (name, index, "job_variables"))
            elif isinstance(action, SendNotification):
                texts = {"subject": action.subject, "body": action.body}
            elif isinstance(action, CallWebhook):
                texts = {"payload": action.payload}
                headers = (action.model_extra or {}).get("headers")
                problems += header_problems(headers, (name, index, "headers"))
            for key, value in texts.items():
                loc = (name, index, key)
                problems += check_parameters(value, loc=loc, templates=templates, budget=budget)
    return problems


def _variable_problems(action: RunDeployment, loc: tuple[str | int, ...]) -> list[Problem]:
    """One query, and only where there is something that a flint pool refuses."""
    problems = variable_problems(action.job_variables, loc=loc)
    return problems if problems and is_run_by_flint(action.deployment_id) else []


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
    row.trigger_meaning = meaning_key(automation.trigger)


def _locked(automation_id: UUID) -> Automation:
    row = storage.locked(automation_id)
    if row is None:
        raise Automation.DoesNotExist
    return row


def save(
    rows: Sequence[Automation],
    effective_after: StreamId,
    *,
    new: bool = False,
    change: str | None = None,
    author: str,
    now: datetime,
) -> None:
    """Write the rows with the events that tell of it; the evaluator looks after the commit.

    `change` names the events: created, updated, deleted; None goes by the rows. The lock of
    the catalogue is taken last, so that others wait for one statement and the commit only.
    """
    for row in rows:
        row.updated = now
        if new:
            row.created = now
    outbox.add([_changed_event(row, change, new, now) for row in rows])
    storage.write(rows, new=new, effective_after=effective_after, author=author, now=now)
    wake_evaluator()


def _changed_event(row: Automation, change: str | None, new: bool, now: datetime) -> Event:
    usual = "created" if new else "updated" if row.deleted is None else "deleted"
    whole = document_of(row)
    return changed_event(change or usual, whole, automation_id=row.pk, version=row.version, now=now)


def _enabling_problems(automation: AutomationDocument, automation_id: UUID | None) -> list[Problem]:
    reason = enabling_problem(automation)
    problems = [] if reason is None else [Problem((), reason)]
    problems += loop_problems(automation)
    if not problems and (found := certain_cycle_of(automation, automation_id)):
        problems.append(found)
    return problems
