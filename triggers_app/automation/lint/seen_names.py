"""The names of recorded events, as lint asks about them. Pure."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from events_app.domain.matching import NamePatterns
from triggers_app.automation.lint.known_names import KNOWN_NAMES, nearest

MOST_KEPT = 500
Answer = TypeVar("Answer")


class SeenNames(Mapping[str, int]):
    """How often each name was recorded, the most frequent first.

    Remembers what it was asked: after an edit most parts of a draft ask the same again, and a
    pattern is compared with every name.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = dict(counts)
        self._kept: dict[Hashable, object] = {}

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def matching(self, patterns: Sequence[str], *, most: int) -> list[str]:
        """The most frequent names that the patterns select; no pattern selects every name."""
        question = ("matching", tuple(patterns), most)
        return self._once(question, lambda: self._matching(NamePatterns(patterns), most))

    def _matching(self, patterns: NamePatterns, most: int) -> list[str]:
        if patterns.every or patterns.wildcards:
            return list(islice(filter(patterns.match, self._counts), most))
        known = [name for name in patterns.literals if name in self._counts]
        return sorted(known, key=lambda name: (-self._counts[name], name))[:most]

    def nearest(self, name: str) -> str | None:
        """The known name, or pattern of known names, most like a name or pattern."""
        return self._once(("nearest", name), lambda: self._nearest(name))

    def _nearest(self, name: str) -> str | None:
        known = [*self._counts, *sorted(KNOWN_NAMES)]
        return nearest(name, self._patterns(known) if "*" in name else known)

    def _patterns(self, names: Sequence[str]) -> list[str]:
        """`orders.file.*` and `orders.*` for `orders.file.landed`."""
        return self._once("patterns", lambda: _patterns(names))

    def _once(self, question: Hashable, answer: Callable[[], Answer]) -> Answer:
        if question not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[question] = answer()
        kept: Answer = self._kept[question]  # type: ignore[assignment]  # of the same question
        return kept


def _patterns(names: Sequence[str]) -> list[str]:
    patterns: dict[str, None] = {}
    for name in names:
        parts = name.split(".")[:-1]
        for length in range(len(parts), 0, -1):
            patterns[".".join(parts[:length]) + ".*"] = None
    return list(patterns)
