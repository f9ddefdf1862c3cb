"""Automations of a Prefect server: read, pointed at the objects here, made or changed."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.formats.checking import without_server_made
from triggers_app.automation.parsing import parse_posted
from triggers_app.models import Automation, BlockDocument
from triggers_app.services import authoring
from triggers_app.services.deploy_report import Report
from triggers_app.storage import automations as storage

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_DEPLOYMENT = re.compile(r"(?P<deployment>.+)__automation_\d+")


def import_automations(
    listed: Iterable[Document],
    *,
    ids: Mapping[str, str],
    deployments: Mapping[str, str],
    report: Report,
    author: str,
    now: datetime,
    inactive: bool,
) -> None:
    """`ids` lead from the server's objects to those here, `deployments` from ids here to names.

    One that has the id or the name of an automation here changes that one. Each is saved by
    itself: what is refused is told, and the others are made.
    """
    rows = _Known()
    documents = list(listed)
    here = {**ids, **{each["id"]: str(row.pk) for each in documents if (row := rows.peek(each))}}
    for each in documents:
        name = str(each.get("name"))
        row = rows.take(each)
        try:
            automation = parse_posted(_pointed(each, here, deployments))
            if inactive:
                enabled = False if row is None else row.enabled
                automation = automation.model_copy(update={"enabled": enabled})
            verb = _save(automation, row, UUID(each["id"]), author=author, now=now)
        except Invalid as error:
            report.notes.append(f"automation `{name}` is not carried over: {error}")
            continue
        report.add(verb, "automation", name)
        report.notes += _missing(each, name, here)


class _Known:
    """Automations that are here, each for one of the server's: by its id, else by its name."""

    def __init__(self) -> None:
        self._rows = {row.pk: row for row in storage.live()}

    def peek(self, document: Document) -> Automation | None:
        row = self._rows.get(UUID(document["id"]))
        named = (each for each in self._rows.values() if each.name == document["name"])
        return row or next(named, None)

    def take(self, document: Document) -> Automation | None:
        row = self.peek(document)
        return None if row is None else self._rows.pop(row.pk)


def _pointed(
    document: Document, ids: Mapping[str, str], deployments: Mapping[str, str]
) -> Document:
    """As it would be posted here: with the ids of what is here, and with its owner."""
    kept, _ = without_server_made(document)
    text = _ID.sub(lambda known: ids.get(known[0], known[0]), json.dumps(kept))
    posted: Document = json.loads(text)
    if owner := _owner(posted, deployments):
        posted["owner_resource"] = owner
    return posted


def _owner(posted: Document, deployments: Mapping[str, str]) -> str | None:
    """Whose trigger it is. A server does not tell it, but the name that clients give does."""
    named = _OF_DEPLOYMENT.fullmatch(str(posted.get("name")))
    actions = posted.get("actions") or []
    if named is None or len(actions) != 1:
        return None
    deployment_id = str(actions[0].get("deployment_id"))
    if deployments.get(deployment_id) != named["deployment"]:
        return None
    return f"prefect.deployment.{deployment_id}"


def _save(
    automation: AutomationDocument, row: Automation | None, new_id: UUID, *, author: str, now: Any
) -> str:
    if row is None:
        taken = Automation.objects.filter(pk=new_id).exists()
        authoring.create(automation, author=author, now=now, new_id=None if taken else new_id)
        return "created"
    saved = authoring.replace(row.pk, automation, keeps_options=True, author=author, now=now)
    return "unchanged" if saved.version == row.version else "changed"


def _missing(document: Document, name: str, ids: Mapping[str, str]) -> list[str]:
    """Blocks are not copied, so an action that sends by one waits for it to be made here."""
    notes = []
    for action in document.get("actions") or []:
        block = action.get("block_document_id")
        if (
            block is not None
            and not BlockDocument.objects.filter(pk=ids.get(block, block)).exists()
        ):
            notes.append(f"automation `{name}` sends by a block that is not here yet ({block}).")
    return notes
