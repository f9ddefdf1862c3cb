"""Which members of a changed list were which before. Pure."""

from collections.abc import Callable
from enum import Enum
from typing import Any


class _Own(Enum):
    ID = "id"


# The key under which a merge keeps a trigger's id: no label or parameter can be called so.
ID: Any = _Own.ID


def paired(before: list[Any], after: list[Any], *, renumbered: bool = False) -> list[int | None]:
    """For each member after, its index before; None for a new one.

    By id, else by what they say, else, for members without ids or where they were
    `renumbered`, by their kind in the order of the list.
    """
    pairs: list[int | None] = [None] * len(after)
    left = list(range(len(before)))

    def same_kind(one: Any, other: Any) -> bool:
        return _kind(one) == _kind(other) and (renumbered or _id(other) is None)

    rules: tuple[Callable[[Any, Any], bool], ...] = (_same_id, _equal, same_kind)
    for is_same in rules:
        for at, member in enumerate(after):
            if pairs[at] is not None:
                continue
            known = next((index for index in left if is_same(before[index], member)), None)
            if known is not None:
                pairs[at] = known
                left.remove(known)
    return pairs


def plain(value: Any) -> Any:
    """The value without ids of triggers."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items() if key is not ID}
    return [plain(each) for each in value] if isinstance(value, list) else value


def _same_id(one: Any, other: Any) -> bool:
    return _id(one) is not None and _id(one) == _id(other)


def _equal(one: Any, other: Any) -> bool:
    return bool(plain(one) == plain(other))


def _id(value: Any) -> Any:
    return value.get(ID) if isinstance(value, dict) else None


def _kind(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else type(value)
