"""Conditions on labels as rows of a form: `match`, and the maps of `match_related`. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.editing import typed
from triggers_app.automation.editing.forms import MISSING, LabelValues

TWICE = "This label stands here already; add the value to it."
_VALUES = LabelValues()


def related_of(node: Document) -> list[Any]:
    """The maps of `match_related`; a single one that constrains nothing is none."""
    related = node.get("match_related")
    if isinstance(related, list):
        return related
    return [related] if isinstance(related, dict) and related else []


def rows_of(specification: Any) -> list[tuple[str, Any]]:
    """Labels with what is asked of them, in their order."""
    return list(specification.items()) if isinstance(specification, dict) else []


def texts_of(node: Document) -> Iterator[tuple[str, str]]:
    """Names of the fields, beginning with `match.` or `related.`, with their texts."""
    yield from _texts_of("match", node.get("match"))
    for number, specification in enumerate(related_of(node)):
        yield from _texts_of(f"related.{number}", specification)


def _texts_of(prefix: str, specification: Any) -> Iterator[tuple[str, str]]:
    for index, (label, values) in enumerate(rows_of(specification)):
        yield f"{prefix}.{index}.label", typed.label_of(label)
        yield f"{prefix}.{index}.values", _VALUES.show(values)


def put(
    node: Document, which: int | None, changed: Mapping[tuple[int, str], str]
) -> Iterator[tuple[str, str, str]]:
    """Change rows of `match` (None) or of a related map, in place; rows beyond the last are new.

    Yields field, text and a sentence for what has no place: a label twice in one map.
    """
    before = rows_of(_specification(node, which))
    rows: list[tuple[str, Any]] = [*before]
    prefix = "match" if which is None else f"related.{which}"
    for index, part in sorted(changed):
        text = changed[index, part]
        if index >= len(rows):
            rows.append(("", MISSING))
            index = len(rows) - 1
        rows[index] = _changed(rows[index], part, text)
    rows = list(_real(rows))
    if repeated := _repeated(rows):
        for index in repeated:
            label = typed.label_of(rows[index][0])
            yield f"{prefix}.{index}.label", changed.get((index, "label"), label), TWICE
        # Labels may have been exchanged, so all of them go back; what was asked of them stays.
        rows = [(was, now[1]) for (was, _), now in zip(before, rows, strict=False)]
    merged = {label: [] if values is MISSING else values for label, values in rows}
    if list(merged.items()) != before:
        _replace(node, which, merged)


def _changed(row: tuple[str, Any], part: str, text: str) -> tuple[str, Any]:
    label, values = row
    if part == "label":
        unchanged = text == typed.label_of(label)
        return (label if unchanged else typed.read_text(text.strip(" \t")), values)
    if values is not MISSING and text == _VALUES.show(values):
        return row
    return label, _VALUES.read(text, values)


def _repeated(rows: list[tuple[str, Any]]) -> list[int]:
    """Rows whose label an earlier row has."""
    labels = [label for label, _ in rows]
    return [index for index, label in enumerate(labels) if label in labels[:index]]


def _real(rows: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return ((label, values) for label, values in rows if label or values is not MISSING)


def _specification(node: Document, which: int | None) -> Any:
    if which is None:
        return node.get("match")
    related = related_of(node)
    return related[which] if which < len(related) else None


def _replace(node: Document, which: int | None, specification: dict[str, Any]) -> None:
    if which is None:
        node["match"] = specification
        return
    related = related_of(node)
    if which < len(related):
        related[which] = specification
    else:
        related = [*related, specification]
    is_list = isinstance(node.get("match_related"), list) or len(related) > 1
    node["match_related"] = related if is_list else related[0]
