"""What the pages of blocks show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from project.lib.json_documents import Document
from triggers_app.automation import block_form
from triggers_app.automation.block_catalog import CATALOG
from triggers_app.automation.block_form import BlockInput
from triggers_app.models import BlockDocument, BlockSchema, BlockType
from triggers_app.services import block_documents, block_types
from triggers_app.storage import block_queries

MOST = 200


@dataclass(frozen=True, slots=True)
class FilledInput:
    """A field with what is written in it. `options` are (value, word) to choose from."""

    input: BlockInput
    text: str
    kept: bool = False
    options: tuple[tuple[str, str], ...] = ()


def listed() -> list[BlockDocument]:
    """By type and name, without their data and the anonymous ones. One query."""
    rows = BlockDocument.objects.filter(is_anonymous=False).defer("data")
    rows = rows.select_related("block_type").order_by("block_type__name", "name", "id")
    return list(rows[:MOST])


def types() -> list[BlockType]:
    """The types that a block can be made of, by name."""
    block_types.with_catalog(CATALOG)
    return list(BlockType.objects.order_by("name", "id")[:MOST])


def type_and_schema(slug: str) -> tuple[BlockType, BlockSchema] | None:
    block_type = block_types.type_row(slug)
    schema = None if block_type is None else block_types.newest_schema(block_type)
    return None if block_type is None or schema is None else (block_type, schema)


def one(block_id: UUID) -> BlockDocument | None:
    return block_queries.whole().filter(pk=block_id).first()


def filled(
    schema: Document, row: BlockDocument | None, typed: Mapping[str, str] | None = None
) -> list[FilledInput]:
    """The fields of a form: as they were typed, else as the block has them, else by default.

    Two queries, one more where it nests blocks.
    """
    data: dict[str, Any] = {} if row is None else block_documents.masked_data(row)
    if row is not None:
        data |= {each.name: str(each.child_id) for each in row.references.all()}
    fields = block_form.inputs_of(schema)
    options = _options({slug for each in fields for slug in each.slugs})
    filled_inputs = []
    for each in fields:
        value = data.get(each.name) if row is not None else each.default
        text = block_form.written(value, each)
        if typed is not None and each.kind != "secret":
            text = typed.get(each.name, "")
        kept = each.kind == "secret" and value is not None and row is not None
        choices = tuple(pair for slug in each.slugs for pair in options.get(slug, ()))
        choices += tuple((one, one) for one in each.choices)
        filled_inputs.append(FilledInput(each, text, kept, choices))
    return filled_inputs


def _options(slugs: set[str]) -> dict[str, list[tuple[str, str]]]:
    options: dict[str, list[tuple[str, str]]] = {}
    if slugs:
        rows = BlockDocument.objects.filter(block_type__slug__in=slugs, is_anonymous=False)
        values = rows.order_by("name", "id").values_list("block_type__slug", "id", "name")
        for slug, block_id, name in values[:MOST]:
            options.setdefault(slug, []).append((str(block_id), name))
    return options
