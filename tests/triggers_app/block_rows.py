"""Blocks as rows, for tests of what uses them."""

from collections.abc import Mapping
from typing import Any

from triggers_app.models import BlockDocument
from triggers_app.services import block_types


def block_row(type_slug: str, data: Mapping[str, Any], *, name: str = "b") -> BlockDocument:
    """A block of the catalog's type, whatever its data."""
    block_type = block_types.type_row(type_slug)
    assert block_type is not None
    schema = block_types.newest_schema(block_type)
    assert schema is not None
    return BlockDocument.objects.create(
        name=name,
        block_type=block_type,
        block_schema=schema,
        data=dict(data),
    )
