"""Which known text is most like another one: for "did you mean …?"."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process


def most_alike(text: str, known: Iterable[str], *, least: float) -> str | None:
    """The known text that is most like `text`; the first of several; None if none is enough.

    `least`: which share of both texts must agree, from 0 to 1. Some 0.1 ms for a thousand texts.
    """
    best = process.extractOne(text, list(known), scorer=fuzz.ratio, score_cutoff=least * 100)
    return None if best is None else str(best[0])
