"""What the pages about one automation tell: its open windows, its versions, its document."""

import difflib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from events_app.domain.event import from_us
from runs_app.reads import deployments
from triggers_app.automation.document import AutomationDocument, is_shadow
from triggers_app.automation.document import document as document_of
from triggers_app.automation.engine.outcome import NEVER_US, Window
from triggers_app.automation.engine.windows import decode_window
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.triggers import (
    Composite,
    EventTrigger,
    Posture,
    Trigger,
    for_each_of,
)
from triggers_app.automation.wording import automation_sentence, trigger_sentence
from triggers_app.services.pages import (
    UNREADABLE,
    AutomationInFull,
    deployments_in,
    document_or_none,
)
from triggers_app.storage import page_rows

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowRow:
    """An open window in words: how full it is, for which key, and when it closes."""

    sentence: str
    labels: dict[str, str]
    count: int
    needed: int
    opened: datetime
    closes: datetime | None  # None: never
    absence: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version, and how it differs from the one before: in words, and line by line."""

    version: int
    author: str
    created: datetime
    enabled: bool
    shadow: bool
    guarded: bool
    sentence: str
    changes: list[str]
    applied: bool


def open_windows(found: AutomationInFull) -> list[WindowRow]:
    """The open windows of an automation, those that close first; at most 50. One query."""
    if found.document is None:
        return []
    triggers = {trigger.id: trigger for trigger in found.document.trigger.walk()}
    told = []
    for bucket in page_rows.open_buckets(found.automation.pk, limit=50):
        trigger = triggers.get(bucket.trigger_id)
        try:
            window = decode_window(bytes(bucket.state))
        except (ValueError, TypeError):
            continue  # of another version of Flint; the evaluator says so
        if trigger is not None and window.open:
            told.append(_told_window(trigger, window))
    return told


def versions_of(automation_id: UUID) -> list[VersionRow]:
    """Its newest 50 versions. Two queries: versions, names of deployments."""
    rows = page_rows.versions(automation_id, limit=51)
    texts = [yaml_of(row.document) for row in rows]
    documents = [document_or_none(row.document) for row in rows]
    ids = {pk for each in documents if each for pk in deployments_in(each.related_resources)}
    names = deployments.names(ids)
    told = []
    for number, row in enumerate(rows[:50]):
        before = texts[number + 1] if number + 1 < len(rows) else None
        changes = [] if before is None else _changes(before, texts[number])
        document = documents[number]
        told.append(
            VersionRow(
                version=row.version,
                author=row.author,
                created=row.created,
                enabled=row.enabled,
                shadow=is_shadow(row.document),
                guarded=row.guarded,
                sentence=automation_sentence(document, names.get) if document else UNREADABLE,
                changes=changes,
                applied=row.applied_ms is not None,
            )
        )
    return told


def yaml_of(stored: dict[str, Any]) -> str:
    """The document in the order in which people write it; the database keeps none."""
    try:
        stored = document_of(AutomationDocument.model_validate(stored))
    except ValidationError:
        logger.warning("Automation %s is shown as stored: it does not parse", stored.get("name"))
    return automation_yaml.write(stored).text


def _changes(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _told_window(trigger: Trigger, window: Window) -> WindowRow:
    names = sorted(for_each_of(trigger))
    composite = isinstance(trigger, Composite)
    absence = isinstance(trigger, EventTrigger) and trigger.posture is Posture.PROACTIVE
    closes_us = window.due_us if absence else window.end_us
    return WindowRow(
        sentence=trigger_sentence(trigger),
        labels=dict(zip(names, window.key, strict=False)),
        count=len(window.slots) if composite else window.count,
        needed=trigger.needed,
        opened=from_us(window.start_us),
        # An absence is judged later than its window ends if its sender lags.
        closes=None if closes_us >= NEVER_US else from_us(closes_us),
        absence=absence,
    )
