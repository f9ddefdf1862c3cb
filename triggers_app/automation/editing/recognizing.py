"""Which node of a text is which node of the draft: a text says no ids, the draft lives by them.

Case 1: the same place and the same meaning. Case 2: the same meaning elsewhere, so that a node
keeps its id where it moves. Case 3: the same place, so that it keeps it where it changes. What
is none of them is new.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from triggers_app.automation.editing.matching import matched

Path = tuple[int, ...]
_Placed = tuple[Path, dict[str, Any]]


def recognized(trigger: Any, known: Any, fresh: Callable[[], str]) -> Any:
    """The trigger with an id in every node: that of the `known` node which it is, or a fresh one.

    Ids that the trigger brings along are left out. What is no object is given back as it is.
    """
    nodes = list(_walk(trigger, ()))
    old = [(path, node) for path, node in _walk(known, ()) if isinstance(node.get("id"), str)]
    pairs = matched(old, nodes, [(key, key) for key in (_place_and_meaning, _meaning, _place)])
    ids: dict[Path, str] = {
        path: old[index][1]["id"]
        for (path, _), index in zip(nodes, pairs, strict=True)
        if index is not None
    }
    return _with_ids(trigger, (), ids, fresh)


def _walk(trigger: Any, path: Path) -> Iterator[_Placed]:
    if isinstance(trigger, dict):
        yield path, trigger
        for index, child in enumerate(_children(trigger)):
            yield from _walk(child, (*path, index))


def _children(node: dict[str, Any]) -> list[Any]:
    children = node.get("triggers")
    return children if isinstance(children, list) else []


def _place(placed: _Placed) -> Path:
    return placed[0]


def _meaning(placed: _Placed) -> str:
    return json.dumps(_plain(placed[1]), sort_keys=True)


def _place_and_meaning(placed: _Placed) -> tuple[Path, str]:
    return placed[0], _meaning(placed)


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
