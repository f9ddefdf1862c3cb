"""Which node of a text is which node of the draft: a text says no ids, the draft lives by them.

Case 1: the same place and the same meaning. Case 2: the same meaning elsewhere, so that a node
keeps its id where it moves. Case 3: the same place, so that it keeps it where it changes. What
is none of them is new.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[int, ...]


def recognized(trigger: Any, known: Any, fresh: Callable[[], str]) -> Any:
    """The trigger with an id in every node: that of the `known` node which it is, or a fresh one.

    Ids that the trigger brings along are left out. What is no object is given back as it is.
    """
    nodes = dict(_walk(trigger, ()))
    left = {path: node for path, node in _walk(known, ()) if isinstance(node.get("id"), str)}
    ids: dict[Path, str] = {}
    for pairs in (_in_place, _moved, _changed):
        for path, old in pairs({p: n for p, n in nodes.items() if p not in ids}, left):
            ids[path] = left.pop(old)["id"]
    return _with_ids(trigger, (), ids, fresh)


def _walk(trigger: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(trigger, dict):
        yield path, trigger
        for index, child in enumerate(_children(trigger)):
            yield from _walk(child, (*path, index))


def _children(node: dict[str, Any]) -> list[Any]:
    children = node.get("triggers")
    return children if isinstance(children, list) else []


_Nodes = dict[Path, dict[str, Any]]


def _in_place(nodes: _Nodes, left: _Nodes) -> list[tuple[Path, Path]]:
    return [
        (path, path)
        for path, node in nodes.items()
        if path in left and _meaning(left[path]) == _meaning(node)
    ]


def _moved(nodes: _Nodes, left: _Nodes) -> Iterator[tuple[Path, Path]]:
    by_meaning: dict[str, list[Path]] = {}
    for path, node in left.items():
        by_meaning.setdefault(_meaning(node), []).append(path)
    for path, node in nodes.items():
        if same := by_meaning.get(_meaning(node)):
            yield path, same.pop(0)


def _changed(nodes: _Nodes, left: _Nodes) -> list[tuple[Path, Path]]:
    return [(path, path) for path in nodes if path in left]


def _meaning(node: dict[str, Any]) -> str:
    return json.dumps(_plain(node), sort_keys=True)


def _plain(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    plain = {str(key): value for key, value in node.items() if key != "id"}
    if isinstance(plain.get("triggers"), list):
        plain["triggers"] = [_plain(child) for child in plain["triggers"]]
    return plain


def _with_ids(trigger: Any, path: Path, ids: dict[Path, str], fresh: Callable[[], str]) -> Any:
    if not isinstance(trigger, dict):
        return trigger
    named = {**trigger, "id": ids.get(path) or fresh()}
    if isinstance(trigger.get("triggers"), list):
        children = enumerate(trigger["triggers"])
        named["triggers"] = [_with_ids(each, (*path, i), ids, fresh) for i, each in children]
    return named
