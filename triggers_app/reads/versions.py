"""Versions of one automation, and its document as people write it."""

import difflib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from runs_app.reads import deployments
from triggers_app.automation.document import AutomationDocument, is_shadow
from triggers_app.automation.document import document as document_of
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.wording import automation_sentence
from triggers_app.models import AutomationVersion
from triggers_app.reads.stored_documents import UNREADABLE, deployments_in, document_or_none

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version, and how it differs from the one before: in words, and line by line."""

    version: int
    author: str
    reason: str
    created: datetime
    enabled: bool
    shadow: bool
    guarded: bool
    sentence: str
    changes: list[str]
    applied: bool


def versions_of(automation_id: UUID) -> list[VersionRow]:
    """Its newest 50 versions. Two queries: versions, names of deployments."""
    versions = AutomationVersion.objects.filter(automation_id=automation_id)
    rows = list(versions.order_by("-version")[:51])
    texts = [yaml_of(row.document) for row in rows]
    documents = [document_or_none(row.document) for row in rows]
    ids = {pk for each in documents if each for pk in deployments_in(each.related_resources)}
    names = deployments.names(ids)
    listed = []
    for number, row in enumerate(rows[:50]):
        before = texts[number + 1] if number + 1 < len(rows) else None
        changes = [] if before is None else _changes(before, texts[number])
        document = documents[number]
        author, reason = author_and_reason(row.author)
        listed.append(
            VersionRow(
                version=row.version,
                author=author,
                reason=reason,
                created=row.created,
                enabled=row.enabled,
                shadow=is_shadow(row.document),
                guarded=row.guarded,
                sentence=automation_sentence(document, names.get) if document else UNREADABLE,
                changes=changes,
                applied=row.applied_ms is not None,
            )
        )
    return listed


def author_and_reason(stored: str) -> tuple[str, str]:
    """Who saved a version, and why if they said so: both stand in one text (`eda: too loud`)."""
    author, _, reason = stored.partition(": ")
    return author, reason


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


def numbered_versions(automation_id: UUID) -> list[tuple[int, datetime]]:
    """The newest 50 versions with their times, newest first. One query."""
    rows = AutomationVersion.objects.filter(automation_id=automation_id).order_by("-version")
    return list(rows.values_list("version", "created")[:50])
