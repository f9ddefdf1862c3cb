"""Making and changing automations: every change is a version, in the order of changes.

A change takes three steps. The log gives a point in its time, from which on the version may
apply; one transaction writes it; and the log wakes the evaluator, which looks for changes.
So whatever is sent after the answer is evaluated against the new version.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.db import transaction

from events_app.domain.event import Event
from events_app.domain.position import StreamId
from events_app.storage import outbox
from events_app.stream import log
from project.lib import redis_client, wake
from project.lib.json_documents import Document
from triggers_app.automation.document import (
    AutomationDocument,
    FlintOptions,
    document,
    in_shadow,
    meaning,
    meaning_key,
    with_ids,
)
from triggers_app.automation.own_events import changed_event
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.switch_merge import merged, owned_by_deployment
from triggers_app.models import Automation
from triggers_app.reads.automation_documents import automation_document as document_of
from triggers_app.services import cycle_guard
from triggers_app.services.cycle_guard import in_transaction
from triggers_app.services.soundness import require_enabling, require_sound
from triggers_app.storage import automations as storage
from triggers_app.storage import deletion_grace


def create(
    automation: AutomationDocument, *, author: str, now: datetime, new_id: UUID | None = None
) -> Automation:
    """Save a new automation. Raises Invalid. `new_id` is what it had elsewhere.

    When its owner's automations were deleted a moment ago, one that is equal lives on as this.
    """
    require_sound(automation)
    effective_after = point_in_log()

    def work(marking: bool) -> tuple[Automation, bool]:
        row = _taken_over(automation)
        is_new = row is None
        row = row or new_row(automation, new_id)
        save(
            [row],
            effective_after,
            marking=marking,
            new=is_new,
            change="created",
            author=author,
            now=now,
        )
        return row, is_new

    row, is_new = in_transaction(work)
    if not is_new and deletion_grace.finish_parked([row.pk], now=now):
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
    require_sound(automation)

    def change(row: Automation) -> bool:
        kept = with_options_of(row, automation) if keeps_options else automation
        return revise(row, kept)

    return _changed(automation_id, change, author=author, now=now)


def enable(automation_id: UUID, on: bool, *, author: str, now: datetime) -> Automation:
    """Switch an automation on or off; switching on also ends its quarantine.

    Raises Automation.DoesNotExist, and Invalid when it cannot be enabled.
    """
    return _changed(automation_id, lambda row: switch(row, on), author=author, now=now)


def shadow(automation_id: UUID, on: bool, *, author: str, now: datetime) -> Automation:
    """Let nothing follow from its firings any more, or again; its windows stay.

    Raises Automation.DoesNotExist, and Invalid when it is enabled and must not act.
    """

    def change(row: Automation) -> bool:
        automation = in_shadow(parse_automation(row.document), on)
        if automation.enabled and not on:
            require_enabling(automation)
        return revise(row, automation)

    return _changed(automation_id, change, author=author, now=now)


def restore(automation_id: UUID, stored: Document, *, author: str, now: datetime) -> Automation:
    """Say again what an older version said, as a new version; on, off or shadow stays as it is.

    Raises Automation.DoesNotExist, and Invalid when it is not sound any more.
    """

    def change(row: Automation) -> bool:
        automation = in_shadow(parse_automation(stored), row.shadow)
        automation = automation.model_copy(update={"enabled": row.enabled})
        require_sound(automation)
        return revise(row, automation)

    return _changed(automation_id, change, author=author, now=now)


def _changed(
    automation_id: UUID, change: Callable[[Automation], bool], *, author: str, now: datetime
) -> Automation:
    """`change` says whether it changed the row, which is locked."""
    effective_after = point_in_log()

    def work(marking: bool) -> Automation:
        row = _locked(automation_id)
        if change(row):
            save([row], effective_after, marking=marking, author=author, now=now)
        return row

    return in_transaction(work)


def with_options_of(row: Automation, automation: AutomationDocument) -> AutomationDocument:
    """Prefect's clients know no `flint`: what they do not say must not make a shadow act."""
    given, kept = automation.flint, parse_automation(row.document).flint
    if "flint" not in automation.model_fields_set:
        return automation.model_copy(update={"flint": kept})
    if kept is None or not kept.tests or (given and "tests" in given.model_fields_set):
        return automation
    # The API does not show them, so whoever sends back what it showed does not mean them.
    options = (given or FlintOptions()).model_copy(update={"tests": kept.tests})
    return automation.model_copy(update={"flint": options})


def delete(automation_id: UUID, *, author: str, now: datetime) -> Automation:
    """Delete an automation; its firings and versions stay. Raises Automation.DoesNotExist.

    One that went with its owner a moment ago does not come back any more, either.
    """
    effective_after = point_in_log()

    def work(marking: bool) -> Automation | None:
        gone = deletion_grace.locked([automation_id])
        if gone:
            end_grace(gone, effective_after, marking=marking, author=author, now=now)
            return None
        row = _locked(automation_id)
        mark_deleted(row, now=now)
        save([row], effective_after, marking=marking, author=author, now=now)
        return row

    row = in_transaction(work)
    if row is None:
        deletion_grace.discard_parked([automation_id], now=now)
        raise Automation.DoesNotExist
    return row


def delete_owned_by(resource_id: str, *, now: datetime) -> int:
    """Take away all automations of an owner, which may bring them back at once; how many.

    Nobody sees them from now on. They go on evaluating, and what they do is parked, until the
    owner saves them again, or for 30 seconds.
    """
    with transaction.atomic():
        return deletion_grace.begin(resource_id, now=now)


def end_grace(
    rows: Sequence[Automation],
    effective_after: StreamId,
    *,
    marking: bool,
    author: str,
    now: datetime,
) -> None:
    """Those will not be brought back. The caller discards what they parked after its commit.

    `marking` as for `save`.
    """
    for row in rows:
        row.version += 1
        row.grace = "over"
    marked = cycle_guard.marked(rows, marking=marking)
    storage.write(
        [*rows, *marked], new=False, effective_after=effective_after, author=author, now=now
    )
    wake_evaluator()


def _taken_over(automation: AutomationDocument) -> Automation | None:
    """The automation of the same owner that this one continues, with its windows."""
    if automation.owner_resource is None:
        return None
    gone = deletion_grace.locked_of_owner(automation.owner_resource)
    known = {row.pk: parse_automation(row.document) for row in gone}
    key = meaning(automation.trigger)
    equal = (row for row in gone if meaning(known[row.pk].trigger) == key)
    named = (row for row in gone if row.name == automation.name)
    row = next(equal, None) or next(named, None)
    if row is not None:
        posted = as_posted(row, with_options_of(row, automation))
        _fill(row, with_ids(posted, known[row.pk]))
        row.version += 1
        row.deleted = row.grace = row.quarantine_reason = row.quarantined = None
    return row


def as_posted(row: Automation, automation: AutomationDocument) -> AutomationDocument:
    """What a deployment says of its automation, and on or off as a person may have chosen.

    Notes both in the row. Raises Invalid when it would be on and must not be.
    """
    if not owned_by_deployment(row.owner_resource):
        return automation
    posted = automation.enabled
    switch = merged(base=row.posted_enabled, chosen=row.chosen_enabled, posted=posted)
    row.posted_enabled, row.chosen_enabled = posted, switch.chosen
    if switch.enabled == posted:
        return automation
    kept = automation.model_copy(update={"enabled": switch.enabled})
    if kept.enabled:
        require_enabling(kept)
    return kept


def switch(row: Automation, on: bool, *, by_action: bool = False) -> bool:
    """Put the switch into the row; False when it is so already. Raises Invalid."""
    automation = parse_automation(row.document).model_copy(update={"enabled": on})
    if on:
        require_enabling(automation)
    return revise(row, automation, chosen=not by_action)


def revise(row: Automation, automation: AutomationDocument, *, chosen: bool = True) -> bool:
    """Put a document into the row; False when it says what the row already says.

    `chosen`: a person says it, so whether it is on is that person's choice.
    """
    automation = with_ids(automation, parse_automation(row.document))
    if document(automation) == row.document and row.quarantine_reason is None:
        return False
    if automation.enabled != row.enabled and owned_by_deployment(row.owner_resource):
        row.chosen_enabled = automation.enabled if chosen else None
    _fill(row, automation)
    row.version += 1
    row.quarantine_reason = row.quarantined = None
    return True


def revise_posted(row: Automation, automation: AutomationDocument) -> bool:
    """The same, said by the deployment that owns the automation. Raises Invalid."""
    posted = as_posted(row, automation)
    kept = row.chosen_enabled
    changed = revise(row, posted)
    row.chosen_enabled = kept
    return changed


def mark_deleted(row: Automation, *, now: datetime) -> None:
    row.version += 1
    row.deleted = now


def new_row(automation: AutomationDocument, new_id: UUID | None = None) -> Automation:
    """A row for a new automation, with ids for its triggers; not saved."""
    row = Automation(id=new_id or uuid4(), owner_resource=automation.owner_resource)
    if owned_by_deployment(row.owner_resource):
        row.posted_enabled = automation.enabled
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
    marking: bool,
    new: bool = False,
    change: str | None = None,
    author: str,
    now: datetime,
) -> None:
    """Write the rows with the events that tell of it; the evaluator looks after the commit.

    `change` names the events: created, updated, deleted; None goes by the rows. `marking`:
    the lock of the marks of loops is held, as `cycle_guard.in_transaction` says.
    """
    marked = cycle_guard.marked(rows, marking=marking)
    _write(rows, effective_after, new=new, change=change, author=author, now=now)
    if marked:
        storage.write(marked, new=False, effective_after=effective_after, author=author, now=now)
    wake_evaluator()


def save_deployed(
    new: Sequence[Automation],
    changed: Sequence[Automation],
    effective_after: StreamId,
    *,
    author: str,
    now: datetime,
) -> None:
    """The same for everything that one deploy saves, with the lock of the marks held."""
    marked = cycle_guard.marked([*new, *changed], marking=True)
    for rows, is_new in ((new, True), (changed, False)):
        if rows:
            _write(rows, effective_after, new=is_new, change=None, author=author, now=now)
    if marked:
        storage.write(marked, new=False, effective_after=effective_after, author=author, now=now)
    wake_evaluator()


def _write(
    rows: Sequence[Automation],
    effective_after: StreamId,
    *,
    new: bool,
    change: str | None,
    author: str,
    now: datetime,
) -> None:
    """The lock of the catalogue is taken last, so that others wait for one statement and the
    commit only."""
    for row in rows:
        row.updated = now
        if new:
            row.created = now
    outbox.add([_changed_event(row, change, new, now) for row in rows])
    storage.write(rows, new=new, effective_after=effective_after, author=author, now=now)


def _changed_event(row: Automation, change: str | None, new: bool, now: datetime) -> Event:
    usual = "created" if new else "updated" if row.deleted is None else "deleted"
    whole = document_of(row)
    return changed_event(change or usual, whole, automation_id=row.pk, version=row.version, now=now)
