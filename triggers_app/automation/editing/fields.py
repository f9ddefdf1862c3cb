"""A draft's document as the fields of one form, and a form's fields in the document. Pure.

`name`, `n.<node>.<field>`, `n.<node>.match.<i>.label`, `n.<node>.related.<j>.<i>.values`,
`a.<list>.<index>.<field>`. A field that was not changed changes nothing: keys that are left
out stay so, a text does not become a list, and keys that nobody knows are not touched.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from project.lib.json_documents import Document
from project.lib.line_ends import newlines
from triggers_app.automation.document import ACTION_LISTS, actions_in
from triggers_app.automation.editing import forms, grouping, specifications
from triggers_app.automation.editing.forms import MISSING, Form, Path
from triggers_app.automation.editing.nodes import Placed, walk
from triggers_app.automation.editing.retyping import retyped
from triggers_app.automation.triggers import LEAVES

_LABEL = re.compile(r"(match|related\.(\d{1,4}))\.(\d{1,4})\.(label|values)")
_ACTION = re.compile(rf"a\.({'|'.join(ACTION_LISTS)})\.(\d{{1,4}})\.(.+)")


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that could not be taken: its text is nowhere in the document.

    `gone`: the part to which it belonged is not there any more.
    """

    field: str
    text: str
    message: str
    gone: bool = False


@dataclass(slots=True)
class _Node:
    """Fields that were changed of one node, and the labels among them by their map."""

    placed: Placed
    plain: dict[str, str] = field(default_factory=dict)
    labels: dict[int | None, dict[tuple[int, str], str]] = field(default_factory=dict)


def fields_of(document: Document) -> dict[str, str]:
    """Every field of the form with the text that it shows."""
    fields = _texts("", document, forms.TOP)
    for placed in walk(document):
        prefix = f"n.{placed.id}."
        fields |= _texts(prefix, placed.node, forms.NODES.get(placed.kind, {}))
        if placed.kind in LEAVES:
            fields |= {prefix + name: text for name, text in specifications.texts_of(placed.node)}
    for (name, index), action in actions_in(document):
        kind = action.get("type")
        table = forms.of_action(kind if isinstance(kind, str) else "?")
        fields |= _texts(f"a.{name}.{index}.", action, table)
    return fields


def with_fields(
    document: Document, changed: Mapping[str, str]
) -> tuple[Document, list[FieldProblem]]:
    """A copy of the document in which the fields say what was typed.

    What cannot be read, or has no place, is left out and told.
    """
    document = deepcopy(document)
    problems: list[FieldProblem] = []
    nodes = {placed.id: _Node(placed) for placed in walk(document)}
    # The type of an action decides which fields it has, so it comes first.
    for name in sorted(changed, key=lambda name: (not name.endswith(".type"), name)):
        text = newlines(changed[name])
        if name in forms.TOP:
            problems += _put(document, name, name, text, forms.TOP)
        elif name.startswith("n."):
            problems += _sort_in(nodes, name, text)
        else:
            problems += _put_in_action(document, name, text)
    before = {key: grouping.labels_of(node.placed.node) for key, node in nodes.items()}
    for node in nodes.values():
        problems += _fill(node)
    edited = [key for key, node in nodes.items() if "for_each" in node.plain]
    for key in edited:
        if nodes[key].placed.is_group:
            grouping.follow(nodes[key].placed, before[key], edited)
    return document, problems


def _texts(prefix: str, value: dict[str, Any], table: forms.Table) -> dict[str, str]:
    return {
        prefix + name: forms.text_in_form(form, value_at(value, path))
        for name, (path, form) in table.items()
    }


def value_at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value


def _put(
    value: dict[str, Any], name: str, field_name: str, text: str, table: forms.Table
) -> Iterator[FieldProblem]:
    if name not in table:
        yield gone_problem(field_name, text)
        return
    path, form = table[name]
    try:
        _set(value, path, form, text)
    except ValueError as error:
        yield FieldProblem(field_name, text, str(error))


def _set(value: dict[str, Any], path: Path, form: Form, text: str) -> None:
    old = value_at(value, path)
    if text == newlines(forms.text_in_form(form, old)):
        return
    new = form.read(text, old)
    if old is not MISSING and new == old and bool not in (type(new), type(old)):
        return  # 60.0 stays 60.0
    for key in path[:-1]:
        if not isinstance(value.get(key), dict):
            if new is MISSING:
                return
            value[key] = {}
        inner = value[key]
        if new is MISSING and not inner.keys() - {path[-1]}:
            del value[key]  # nothing would be left in it
            return
        value = inner
    if new is MISSING:
        value.pop(path[-1], None)
    else:
        value[path[-1]] = new


def _put_in_action(document: Document, field_name: str, text: str) -> Iterator[FieldProblem]:
    place = _ACTION.fullmatch(field_name)
    listed = document.get(place[1]) if place else None
    index = int(place[2]) if place else 0
    if place is None or not isinstance(listed, list) or index >= len(listed):
        yield gone_problem(field_name, text)
        return
    action = listed[index]
    if not isinstance(action, dict):
        yield gone_problem(field_name, text)
    elif place[3] == "type" and text in forms.TYPE["type"][1].options:  # type: ignore[attr-defined]  # a Choice
        listed[index] = retyped(action, text)
    else:
        kind = action.get("type")
        table = forms.of_action(kind if isinstance(kind, str) else "?")
        yield from _put(action, place[3], field_name, text, table)


def _sort_in(nodes: dict[str, _Node], field_name: str, text: str) -> Iterator[FieldProblem]:
    _, node_id, rest = (*field_name.split(".", 2), "", "")[:3]
    node = nodes.get(node_id)
    label = _LABEL.fullmatch(rest)
    if node is None or (label and node.placed.kind not in LEAVES):
        yield gone_problem(field_name, text)
    elif label:
        which = None if label[2] is None else int(label[2])
        node.labels.setdefault(which, {})[(int(label[3]), label[4])] = text
    else:
        node.plain[rest] = text


def _fill(node: _Node) -> Iterator[FieldProblem]:
    placed = node.placed
    prefix = f"n.{placed.id}."
    table = forms.NODES.get(placed.kind, {})
    for name, text in node.plain.items():
        yield from _put(placed.node, name, prefix + name, text, table)
    for which in sorted(node.labels, key=lambda which: -1 if which is None else which):
        for name, text, message in specifications.put(placed.node, which, node.labels[which]):
            yield FieldProblem(prefix + name, text, message)


def gone_problem(field_name: str, text: str) -> FieldProblem:
    """What is told of a text whose place is no longer there."""
    excerpt = text if len(text) <= 80 else f"{text[:79]}…"
    message = f"The part that this was typed into is not there any more. You typed: {excerpt}"
    return FieldProblem(field_name, text, message, gone=True)
