"""Which known key somebody meant by one that nobody knows. Pure.

1. The same word spelled otherwise: `Expect`, `schedule-after`, `forEach`, `for each`.
2. Another word for it: `event` for `expect`.
3. A slip of the pen: a letter too many, too few or wrong, or letters in the wrong order.
4. Most of a longer word.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from project.lib.alike import most_alike

MOST_LETTERS = 60
"""No key of ours is half as long; comparing longer ones only costs time."""
MOST_COMPARED = 20_000
"""Pairs of keys in one document that are compared for most of a word; the others cost 1 µs each."""
_MOST_SLIPS, _MOST_WORDS = 200_000, 4_000_000
_WORDS, _SLIPS, _ALL_CASES = 2, 3, 4
_LEAST_LETTERS = 4
_ALIKE = 0.8
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN_WORDS = re.compile(r"[\s.-]+")
NO_ALIASES: Mapping[str, str] = MappingProxyType({})


def near_key(
    key: str,
    known: Collection[str],
    aliases: Mapping[str, str] = NO_ALIASES,
    *,
    cases: int = _ALL_CASES,
) -> str | None:
    """The known key that is meant, or None where it is like none of them.

    `cases`: how many are looked at; what only has most of a word is the fourth.
    """
    if key in known or len(key) > MOST_LETTERS:
        return None
    plain = _spelled(key)
    letters = plain.replace("_", "")
    same = [name for name in known if name.replace("_", "").lower() == letters]
    if same:
        return same[0]
    if aliases.get(plain) in known:
        return aliases[plain]
    slips = [name for name in known if _is_one_slip(plain, name.lower())] if cases > _WORDS else []
    if slips or cases < _ALL_CASES:
        return slips[0] if slips else None
    return most_alike(plain, known, least=_ALIKE)


@dataclass(slots=True)
class Comparing:
    """Looks for what is meant by the keys of one document, at all cases for `left` pairs."""

    left: int = MOST_COMPARED

    def near(
        self, key: str, known: Collection[str], aliases: Mapping[str, str] = NO_ALIASES
    ) -> str | None:
        self.left -= len(known)
        if self.left < -_MOST_WORDS:
            return None
        cases = _ALL_CASES if self.left >= 0 else _SLIPS if self.left > -_MOST_SLIPS else _WORDS
        return near_key(key, known, aliases, cases=cases)


def _spelled(key: str) -> str:
    return _BETWEEN_WORDS.sub("_", _HUMP.sub("_", key.strip().rstrip(":"))).lower()


def _is_one_slip(written: str, meant: str) -> bool:
    if abs(len(written) - len(meant)) > 1 or max(len(written), len(meant)) < _LEAST_LETTERS:
        return False
    if sorted(written) == sorted(meant):
        return True
    at = next(
        (n for n, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b),
        min(len(written), len(meant)),
    )
    rest, rest_meant = written[at:], meant[at:]
    return rest_meant == rest[1:] or rest_meant[1:] in (rest, rest[1:])
