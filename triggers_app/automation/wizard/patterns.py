"""From one id to patterns that also match its like: tomorrow's file, the next run. Pure.

1. Ids are cut at `.`, `/`, `:` and spaces, and these pieces at `-` and `_`.
2. What holds a digit, is a UUID or a long hexadecimal text, is of one occasion: it becomes `*`.
   The scheme of an address (`s3://`) is not.
3. After that an id is widened from its end: its last piece, then the one before.
4. Patterns are globs; what a glob would read as a wildcard is written so that it does not.
"""

import re
from collections.abc import Iterator

from events_app.domain.matching import is_literal

_SEPARATOR = re.compile(r"([./:\s]+)")
_FINE = re.compile(r"([-_]+)")
_SCHEME = re.compile(r"[a-z][a-z0-9+]*://")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{12,}", re.IGNORECASE)
_STARS = re.compile(r"\*(?:[./:\s\-_]*\*)+")
MAX_PATTERNS = 5


def is_of_one_event(text: str) -> bool:
    """Whether an id, or a piece of one, looks as if it were made for one thing alone."""
    rest = text[_scheme(text) :]
    return any(c.isdigit() for c in rest) or bool(_HEX.fullmatch(rest) or _UUID.search(rest))


def exactly(text: str) -> str:
    """The pattern that matches this text, whatever stands in it."""
    pattern = re.sub(r"([*?\[])", r"[\1]", text)
    # A leading `!` would negate; no glob can say it, so that any character is let in its place.
    return f"?{pattern[1:]}" if pattern.startswith("!") else pattern


def widened(text: str) -> list[str]:
    """Patterns that match the id and others of its kind, the narrowest first; without `*` alone."""
    patterns = dict.fromkeys(_patterns(text))
    return [each for each in patterns if each not in ("*", "") and not is_literal(each)][
        :MAX_PATTERNS
    ]


def _patterns(text: str) -> Iterator[str]:
    start = _scheme(text)
    pieces = _SEPARATOR.split(text[start:])
    if len(pieces) == 1:
        pieces = _FINE.split(text[start:])
    kept = [text[:start], *(_kept(piece) for piece in pieces)]
    if is_of_one_event(text):
        yield _collapsed(kept)
    for end in range(len(kept) - 2, 1, -2):
        if any(piece.strip("*") for piece in kept[1 : end + 1 : 2]):
            yield _collapsed([*kept[: end + 1], "*"])


def _scheme(text: str) -> int:
    """How long its beginning `s3://` is; 0 without one."""
    match = _SCHEME.match(text)
    return match.end() if match else 0


def _kept(piece: str) -> str:
    """What stays of a piece of an id when others of its kind are to match, too."""
    if _UUID.search(piece) or _HEX.fullmatch(piece):
        return "*"
    parts = ("*" if is_of_one_event(part) else exactly(part) for part in _FINE.split(piece))
    return "".join(parts)


def _collapsed(parts: list[str]) -> str:
    """A star reaches over separators, so that one says what many would."""
    return _STARS.sub("*", "".join(parts))


def wider_names(name: str) -> list[str]:
    """The name, and its families: `a.b.c`, `a.b.*`, `a.*`. Names know no wildcard but `*`."""
    parts = name.split(".")
    families = [".".join([*parts[:end], "*"]) for end in range(len(parts) - 1, 0, -1)]
    every = [*([".".join(_starred(parts))] if _occasional(parts) else []), *families]
    return list(dict.fromkeys([name, *every]))[:MAX_PATTERNS]


def _occasional(parts: list[str]) -> bool:
    return any(map(is_of_one_event, parts[1:]))


def _starred(parts: list[str]) -> Iterator[str]:
    yield parts[0]
    yield from ("*" if is_of_one_event(part) else part for part in parts[1:])
