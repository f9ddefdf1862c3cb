"""Which item of a changed document was which before. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from typing import Any, TypeVar

Item = TypeVar("Item")
Key = Callable[[Item], Hashable]


class _Own(Enum):
    ID = "id"


# The key under which a merge keeps a trigger's id: no label or parameter can be called so.
ID: Any = _Own.ID


def matched(
    before: Sequence[Item], after: Sequence[Item], keys: Iterable[tuple[Key[Item], Key[Item]]]
) -> list[int | None]:
    """For each item after, its index before; None for a new one.

    Each of the `keys` (one of items before, one of items after) is tried on what those ahead of
    it left over, in the order of the lists; a key that is None matches nothing.
    """
    pairs: list[int | None] = [None] * len(after)
    left = dict(enumerate(before))
    for key_before, key_after in keys:
        by_key: dict[Hashable, list[int]] = defaultdict(list)
        for index, item in left.items():
            by_key[key_before(item)].append(index)
        for at, item in enumerate(after):
            if pairs[at] is not None or (key := key_after(item)) is None:
                continue
            if candidates := by_key.get(key):
                pairs[at] = index = candidates.pop(0)
                del left[index]
    return pairs


def members_matched(
    before: list[Any], after: list[Any], *, renumbered: bool = False
) -> list[int | None]:
    """Members of a list of triggers, actions or maps: for each one after, its index before.

    By id, else by what they say, else, for members without ids or where they were
    `renumbered`, by their kind in the order of the list.
    """

    def kind_after(member: Any) -> Hashable:
        return _kind(member) if renumbered or _id(member) is None else None

    return matched(before, after, [(_id, _id), (_meaning, _meaning), (_kind, kind_after)])


def plain(value: Any) -> Any:
    """The value without ids of triggers."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if key is not ID}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _meaning(value: Any) -> Hashable:
    """Equal for values that are, without the ids of triggers."""
    if isinstance(value, dict):
        return dict, frozenset(
            (key, _meaning(each)) for key, each in value.items() if key is not ID
        )
    return (list, *map(_meaning, value)) if isinstance(value, list) else (None, value)


def _id(value: Any) -> Hashable:
    node_id = value.get(ID) if isinstance(value, dict) else None
    return None if node_id is None else _meaning(node_id)


def _kind(value: Any) -> Hashable:
    return (dict, _meaning(value.get("type"))) if isinstance(value, dict) else (type(value),)
