"""Whether two patterns can accept the same text; and which of many do. Pure.

A pattern is what docs/semantics.md, "Matching", says: names know `*`, values of labels are
shell globs that a leading `!` negates. Where globs are too clever to be decided here, the
answer is "yes, they can": a warning too many, never one too few.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from events_app.domain.matching import NamePatterns, can_match_a_name, compile_values, is_literal
from triggers_app.automation.triggers import Values

_METACHARACTER = re.compile(r"[*?\[]")


def listed(values: Values) -> list[str]:
    """The values of a label as a list; one text is a list of one."""
    return [values] if isinstance(values, str) else values


def names_overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one event name matches a pattern of each; no pattern at all matches every name."""
    some, others = list(some) or ["*"], list(others) or ["*"]
    return any(_name_patterns_overlap(one, other) for one in some for other in others)


def _name_patterns_overlap(one: str, other: str) -> bool:
    if not (can_match_a_name(one) and can_match_a_name(other)):
        return False
    if "*" not in one:
        return one == other if "*" not in other else NamePatterns([other]).match(one)
    if "*" not in other:
        return NamePatterns([one]).match(other)
    # Exact: what stands between the outer texts fits into the stars of the other pattern.
    return _ends_agree(one.partition("*")[0], other.partition("*")[0]) and _ends_agree(
        one.rpartition("*")[2][::-1], other.rpartition("*")[2][::-1]
    )


def _ends_agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def values_overlap(some: Values, others: Values) -> bool:
    """Whether one text is accepted by both lists of values."""
    return any(_values_overlap(one, other) for one in listed(some) for other in listed(others))


def _values_overlap(one: str, other: str) -> bool:
    if is_literal(one):
        return compile_values(other)(one)
    if is_literal(other):
        return compile_values(one)(other)
    if one.startswith("!") or other.startswith("!"):
        return one not in ("!" + other, "!*") and other not in ("!" + one, "!*")
    return _ends_agree(_beginning(one), _beginning(other)) and _ends_agree(
        _ending(one)[::-1], _ending(other)[::-1]
    )


def _beginning(glob: str) -> str:
    return _METACHARACTER.split(glob, maxsplit=1)[0]


def _ending(glob: str) -> str:
    return re.split(r"[*?\]]", glob)[-1]


def accepts_all_beginning(values: Values, beginning: str) -> bool:
    """Whether every text with this beginning is accepted, as `orders.*` does for `orders.eu.`."""
    return any(
        value.endswith("*") and is_literal(value[:-1]) and beginning.startswith(value[:-1])
        for value in listed(values)
    )


def includes(wide: str, narrow: str) -> bool:
    """Whether the glob `wide` surely accepts all that the glob `narrow` does.

    A `*` or `?` of `narrow` is a character that only a `*` of `wide` can stand for.
    """
    plain = not ("?" in wide or "[" in wide or "[" in narrow)
    return plain and not narrow.startswith("!") and compile_values(wide)(narrow)


def first_overlaps(
    parts: Sequence[Sequence[str]], overlap: Callable[[int, int], bool]
) -> dict[int, int]:
    """For each part the first earlier one that it shares an event with, by names and `overlap`.

    `parts` are lists of name patterns, of which the first 200 are looked at. Parts with plain
    names only are compared with those that share one and with those that have a `*`.
    """
    by_name: dict[str, list[int]] = {}
    wide: list[int] = []
    overlaps: dict[int, int] = {}
    for index, names in enumerate(parts[:200]):
        plain = bool(names) and not any("*" in name for name in names)
        earlier: Iterable[int] = range(index)
        if plain:
            earlier = sorted({*wide, *(i for name in names for i in by_name.get(name, ()))})
        for other in earlier:
            if names_overlap(names, parts[other]) and overlap(other, index):
                overlaps[index] = other
                break
        if plain:
            for name in names:
                by_name.setdefault(name, []).append(index)
        else:
            wide.append(index)
    return overlaps
