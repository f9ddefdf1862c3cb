"""Blocks: made, changed, shown with their secrets masked."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from triggers_app.automation import blocks
from triggers_app.models import BlockDocument


def block_document(row: BlockDocument) -> Document:
    return {
        "id": row.pk,
        "created": row.created,
        "updated": row.updated,
        "name": row.name,
        "block_type_name": row.type_slug,
        "block_type": {"slug": row.type_slug},
        "data": blocks.masked(row.data),
        "is_anonymous": False,
    }


def create(name: str, type_slug: str, data: Mapping[str, Any]) -> Document | None:
    """The new block; None when the type has one of that name. Raises Invalid."""
    blocks.check_data(type_slug, data)
    try:
        with transaction.atomic():
            row = BlockDocument.objects.create(name=name, type_slug=type_slug, data=dict(data))
    except IntegrityError:
        return None
    return block_document(row)


def read(block_id: UUID) -> Document | None:
    row = BlockDocument.objects.filter(pk=block_id).first()
    return None if row is None else block_document(row)


def matching(
    *, slugs: Collection[str] | None, names: Collection[str] | None, limit: int, offset: int
) -> list[Document]:
    rows = BlockDocument.objects.order_by("name", "id")
    rows = rows if slugs is None else rows.filter(type_slug__in=slugs)
    rows = rows if names is None else rows.filter(name__in=names)
    return [block_document(row) for row in rows[offset : offset + limit]]


def change(block_id: UUID, data: Mapping[str, Any], *, merge: bool, now: datetime) -> bool:
    """New data for a block; what comes back masked stays. False if there is none.

    Raises Invalid.
    """
    with transaction.atomic():
        row = BlockDocument.objects.select_for_update().filter(pk=block_id).first()
        if row is None:
            return False
        former = row.data
        new = blocks.merged(former, data)
        row.data = new if merge else {name: new[name] for name in data}
        blocks.check_data(row.type_slug, row.data)
        if problems := blocks.kept_secrets_problems(former, row.data):
            raise Invalid(problems)
        row.updated = now
        row.save()
    return True


def delete(block_id: UUID) -> bool:
    return BlockDocument.objects.filter(pk=block_id).delete()[0] == 1
