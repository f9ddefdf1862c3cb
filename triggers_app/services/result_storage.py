"""The block where clients put the results of flows, unless they say otherwise."""

from uuid import UUID

from django.db import transaction

from triggers_app.models import BlockDocument
from triggers_app.services.block_types import BlockRefused

CAPABILITY = "write-path"


def read() -> UUID | None:
    chosen = BlockDocument.objects.filter(keeps_results=True)
    return chosen.values_list("id", flat=True).first()


def choose(block_id: UUID) -> None:
    """Raises BlockRefused."""
    with transaction.atomic():
        rows = BlockDocument.objects.select_for_update(of=("self",)).order_by("id")
        block = rows.select_related("block_schema").filter(pk=block_id).first()
        if block is None:
            raise BlockRefused(404, f"Block document {block_id} not found.")
        if CAPABILITY not in block.block_schema.capabilities:
            message = f"Block document {block_id} cannot be used for result storage."
            raise BlockRefused(422, message)
        clear()
        BlockDocument.objects.filter(pk=block_id).update(keeps_results=True)


def clear() -> None:
    BlockDocument.objects.filter(keeps_results=True).update(keeps_results=False)
