"""Operations on the tree of triggers: they change the document in place. Pure.

Each returns the id of the node that should have the focus. A group that becomes empty goes, and
`require` never asks for more parts than there are.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

from project.lib.json_documents import Document
from triggers_app.automation.editing import blanks, grouping
from triggers_app.automation.editing.nodes import Placed, find, renumbered, walk
from triggers_app.automation.editing.refusing import EditRefused
from triggers_app.automation.editing.retyping import retyped_trigger
from triggers_app.automation.parsing import MAX_DEPTH
from triggers_app.automation.triggers import GROUPS, LEAVES

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class TreeOperation:
    arguments: int
    did: str
    run: Callable[[Document, Placed, list[str], NewId], str]


def begin(document: Document, kind: str, new_id: NewId) -> tuple[str, str]:
    """The first node of a document that has none."""
    node = document["trigger"] = _new(kind, new_id)
    return OPERATIONS["add"].did, f"node-{node['id']}"


def _new(kind: str, new_id: NewId) -> Document:
    node = blanks.trigger(kind, new_id)
    if node is None:
        raise EditRefused("There is no such kind of trigger.")
    return node


def _add(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    node = _new(given[0], new_id)
    if placed.is_group:
        _require_room(placed)
        _inherit(placed.node, node)
        placed.children.append(node)
    else:
        _inherit({} if placed.parent is None else placed.parent.node, node)
        _insert_after(document, placed, node, new_id)
    return str(node["id"])


def _inherit(group: Document, node: Document) -> None:
    """A new part, and all that is in it, begins with the labels of its group."""
    labels = grouping.labels_of(group)
    for part in walk({"trigger": node}):
        if part.kind != "metric":
            grouping.give(labels, part.node)


def _insert_after(document: Document, placed: Placed, node: Document, new_id: NewId) -> None:
    """Beside the node; beside the root there is room only in a group around both."""
    if placed.parent is None:
        document["trigger"] = blanks.group("compound", [placed.node, node], new_id)
    else:
        placed.siblings.insert(placed.index + 1, node)


def _require_room(placed: Placed) -> None:
    # A level takes two steps of a path, and its labels' values three more.
    if len(placed.loc) > MAX_DEPTH - 8:
        raise EditRefused("Groups cannot be nested any deeper.")


def _group(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    if given[0] not in GROUPS:
        raise EditRefused("There is no such kind of group.")
    for below in walk({"trigger": placed.node}):
        _require_room(Placed(below.node, placed.loc + below.loc[1:], None))
    group = blanks.group(given[0], [placed.node], new_id)
    _put_in_place(document, placed, [group])
    return str(group["id"])


def _ungroup(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    if not placed.is_group:
        raise EditRefused("Only a group can be taken apart.")
    children = list(placed.children)
    if not children:
        return _delete(document, placed, given, new_id)
    if placed.parent is None and len(children) > 1:
        raise EditRefused(
            "The outermost group holds everything together. Move or delete its parts until "
            "one is left, then take it apart."
        )
    _put_in_place(document, placed, children)
    first = next((child for child in children if isinstance(child, dict)), None)
    return str(first["id"]) if first else _focus_of(placed.parent, document)


def _put_in_place(document: Document, placed: Placed, nodes: list[Document]) -> None:
    if placed.parent is None:
        document["trigger"] = nodes[0]
    else:
        placed.siblings[placed.index : placed.index + 1] = nodes


def _turn(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    into = given[0]
    if into not in ("any", "all", "number", *GROUPS, *LEAVES):
        raise EditRefused("There is no such kind of trigger.")
    if into in LEAVES:
        return _turn_into_leaf(document, placed, into, new_id)
    if not placed.is_group:
        kind = "sequence" if into == "sequence" else "compound"
        group_id = _group(document, placed, [kind], new_id)
        group = find(document, group_id)
        return group_id if group is None else _turn(document, group, given, new_id)
    _turn_group(placed.node, into)
    _fit(placed)
    return placed.id


def _turn_group(node: Document, into: str) -> None:
    if into == "sequence":
        node.pop("require", None)
        node["type"] = into
        return
    node["type"] = "compound"
    known = node.get("require")
    if into in ("any", "all"):
        node["require"] = into
    elif into == "number":
        if not isinstance(known, int):
            node["require"] = 2
    else:
        node.setdefault("require", "all")


def _turn_into_leaf(document: Document, placed: Placed, into: str, new_id: NewId) -> str:
    if placed.is_group:
        leaves = [each for each in walk({"trigger": placed.node}) if not each.is_group]
        fitting = (each for each in leaves if each.kind == into)
        leaf = next(fitting, None) or next(iter(leaves), None)
        node = _new(into, new_id) if leaf is None else leaf.node
        _put_in_place(document, placed, [node])
        placed = Placed(node, placed.loc, placed.parent)
    if placed.kind == into:
        return placed.id
    known = retyped_trigger({**placed.node, "type": placed.kind}, into)
    blank = _new(into, new_id)
    node = {**blank, **{key: value for key, value in known.items() if key != "posture"}}
    _put_in_place(document, placed, [{**node, "id": placed.id}])
    return placed.id


def _move(by: int) -> Callable[[Document, Placed, list[str], NewId], str]:
    def move(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
        to = placed.index + by
        if not 0 <= to < len(placed.siblings):
            edge = "first" if by < 0 else "last"
            raise EditRefused(f"It is the {edge} one already.")
        placed.siblings.insert(to, placed.siblings.pop(placed.index))
        return placed.id

    return move


def _out(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    group = placed.parent
    if group is None:
        raise EditRefused("It stands in no group.")
    if group.parent is None:
        if len(group.children) > 1:
            raise EditRefused("It stands in the outermost group. Delete the others, or group them.")
        document["trigger"] = placed.node
        return placed.id
    group.children.pop(placed.index)
    group.siblings.insert(group.index + 1, placed.node)
    _tidy(document, group)
    return placed.id


def _into(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    """Into the group above it, else into the one below it."""
    beside = [(placed.index - 1, -1), (placed.index + 1, 0)]
    for index, at in beside:
        if not 0 <= index < len(placed.siblings):
            continue
        loc = (*placed.loc[:-1], index)
        neighbor = next((each for each in walk(document) if each.loc == loc), None)
        if neighbor is not None and neighbor.is_group:
            _require_room(neighbor)
            children = neighbor.children
            placed.siblings.pop(placed.index)
            children.insert(len(children) if at else 0, placed.node)
            if placed.parent is not None:
                _fit(placed.parent)
            return placed.id
    raise EditRefused("There is no group beside it.")


def _place(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    """Before or after another part, or as the last one into a group: where somebody dropped it."""
    where, other = given[0], find(document, given[1])
    group = placed.parent
    if other is None:
        raise EditRefused("That part is not there any more.")
    if group is None:
        raise EditRefused("The outermost part holds everything together.")
    if other.loc[: len(placed.loc)] == placed.loc:
        raise EditRefused("A part cannot be moved into itself.")
    beside = other if where == "into" else other.parent
    if where not in ("before", "after", "into") or beside is None or not beside.is_group:
        raise EditRefused("It cannot be moved there.")
    for below in walk({"trigger": placed.node}):
        _require_room(Placed(below.node, (*beside.loc, "triggers", 0, *below.loc[1:]), None))
    group.children.pop(placed.index)
    known = [id(child) for child in beside.children]
    at = len(known) if where == "into" else known.index(id(other.node)) + (where == "after")
    beside.children.insert(at, placed.node)
    _fit(group)
    if not group.children and group.parent is not None:
        # Its own place may have moved by now.
        group.siblings[:] = [child for child in group.siblings if child is not group.node]
        _fit(group.parent)
    return placed.id


def _duplicate(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    copy = renumbered(deepcopy(placed.node), new_id)
    _insert_after(document, placed, copy, new_id)
    return str(copy["id"])


def _delete(document: Document, placed: Placed, given: list[str], new_id: NewId) -> str:
    if placed.parent is None:
        document["trigger"] = blanks.event(new_id)
        return str(document["trigger"]["id"])
    siblings, index = placed.siblings, placed.index
    siblings.pop(index)
    if siblings:
        _fit(placed.parent)
        beside = siblings[min(index, len(siblings) - 1)]
        return str(beside["id"]) if isinstance(beside, dict) else placed.parent.id
    return _delete(document, placed.parent, given, new_id)


def _tidy(document: Document, group: Placed) -> None:
    """After a part has left: an empty group goes; others ask for no more than they have."""
    if group.children:
        _fit(group)
    elif group.parent is not None:
        group.siblings.pop(group.index)
        _fit(group.parent)


def _fit(group: Placed) -> None:
    known = group.node.get("require")
    if isinstance(known, int) and not isinstance(known, bool):
        group.node["require"] = max(1, min(known, len(group.children)))


def _focus_of(placed: Placed | None, document: Document) -> str:
    return str(document["trigger"].get("id")) if placed is None else placed.id


OPERATIONS: Mapping[str, TreeOperation] = {
    "add": TreeOperation(2, "Added a part", _add),
    "group": TreeOperation(2, "Made a group", _group),
    "ungroup": TreeOperation(1, "Took the group apart", _ungroup),
    "turn": TreeOperation(2, "Turned it into another kind", _turn),
    "up": TreeOperation(1, "Moved it up", _move(-1)),
    "down": TreeOperation(1, "Moved it down", _move(1)),
    "out": TreeOperation(1, "Moved it out of the group", _out),
    "into": TreeOperation(1, "Moved it into the group", _into),
    "place": TreeOperation(3, "Moved it", _place),
    "duplicate": TreeOperation(1, "Duplicated it", _duplicate),
    "delete": TreeOperation(1, "Deleted it", _delete),
}
