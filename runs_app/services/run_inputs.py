"""What is sent to flow runs while they run or wait."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from runs_app.domain import parameters
from runs_app.models import FlowRun, FlowRunInput


class TakenKey(Exception):
    """The run has an input with this key."""


class UnfitInput(Exception):
    """What a run was resumed with is not what it waits for; the text says why."""


def create(run_id: UUID, key: str, value: str, sender: str | None) -> None:
    """Raises FlowRun.DoesNotExist and TakenKey."""
    try:
        with transaction.atomic():
            FlowRun.objects.select_for_update(no_key=True).only("pk").get(pk=run_id)
            FlowRunInput.objects.create(flow_run_id=run_id, key=key, value=value, sender=sender)
    except IntegrityError:
        raise TakenKey from None


def matching(
    run_id: UUID, prefix: str, *, limit: int, exclude_keys: Sequence[str]
) -> list[Document]:
    """The oldest first."""
    inputs = FlowRunInput.objects.filter(flow_run_id=run_id, key__startswith=prefix)
    page = inputs.exclude(key__in=list(exclude_keys)).order_by("created", "id")[:limit]
    return [_document(each) for each in page]


def read(run_id: UUID, key: str) -> str | None:
    row = FlowRunInput.objects.filter(flow_run_id=run_id, key=key).first()
    return None if row is None else row.value


def delete(run_id: UUID, key: str) -> bool:
    return FlowRunInput.objects.filter(flow_run_id=run_id, key=key).delete()[0] > 0


def check(run_id: UUID, keyset: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Hold what a run is resumed with to the schema that it has left. Raises UnfitInput."""
    text = read(run_id, str(keyset.get("schema")))
    if text is None:
        raise UnfitInput("Run input schema not found.")
    try:
        schema = json.loads(text)
    except ValueError:
        raise UnfitInput("Run input schema is not valid JSON.") from None
    if not isinstance(schema, dict):
        raise UnfitInput("Run input schema is not valid JSON.")
    if problems := parameters.compiled(schema).problems(dict(given)):
        raise UnfitInput(f"Reason: {parameters.refusal(problems)}")


def answer(run_id: UUID, keyset: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Leave for the run what it was resumed with; the caller holds the transaction."""
    FlowRunInput.objects.update_or_create(
        flow_run_id=run_id,
        key=str(keyset.get("response")),
        defaults={"value": json.dumps(dict(given), separators=(",", ":"))},
    )


def _document(each: FlowRunInput) -> Document:
    return {
        "id": each.id,
        "created": each.created,
        "updated": each.updated,
        "flow_run_id": each.flow_run_id,
        "key": each.key,
        "value": each.value,
        "sender": each.sender,
    }
