"""Compiled patterns: names of events, values of labels, specifications of resources. Pure.

Names know one wildcard: `*`, one or more characters; a `?` or a leading `!` in them is itself.
Values of labels are shell globs (`*` any number, `?`, `[..]`), negated by a leading `!`.
Everything is case-sensitive.
Source: docs/semantics.md, "Matching" (measured on Prefect 3.9.1).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import translate

Labels = Mapping[str, str]
Test = Callable[[str], bool]
ResourceTest = Callable[[Labels], bool]

_GLOB = re.compile(r"[*?\[]")


def can_match_a_name(pattern: str) -> bool:
    """Whether the pattern selects anything: one with `[..]` never does in names."""
    opening = pattern.find("[")
    return opening < 0 or "]" not in pattern[opening:]


class NamePatterns:
    """What `expect` or `after` says: any of these names. No pattern selects every name."""

    __slots__ = ("every", "literals", "wildcards")

    def __init__(self, patterns: Iterable[str]) -> None:
        given = list(patterns)
        usable = [pattern for pattern in given if can_match_a_name(pattern)]
        self.every = not given
        self.literals = frozenset(pattern for pattern in usable if "*" not in pattern)
        self.wildcards = tuple(
            pattern.split("*") for pattern in dict.fromkeys(usable) if "*" in pattern
        )

    def match(self, name: str) -> bool:
        return (
            self.every
            or name in self.literals
            or any(_spans(parts, name) for parts in self.wildcards)
        )

    @property
    def prefixes(self) -> list[str]:
        """The texts with which every selected name begins, one per pattern with a `*`."""
        return [parts[0] for parts in self.wildcards]


def _spans(parts: Sequence[str], name: str) -> bool:
    """Whether the parts lie in the name in order, with a character or more between them.

    Leftmost search instead of a regular expression: a pattern with many stars takes linear
    time per star, never exponential.
    """
    if not name.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = name.find(part, at + 1)
        if at < 0:
            return False
        at += len(part)
    last = parts[-1]
    return len(name) - len(last) > at and name.endswith(last)


def is_literal(value: str) -> bool:
    """Whether the value of a specification matches exactly one text: itself."""
    return not value.startswith("!") and not _GLOB.search(value)


def literal_values(values: str | Sequence[str] | None) -> list[str] | None:
    """The texts that these values can match, if that are finitely many; else None."""
    listed = _listed(values) if values is not None else None
    if listed is None or not all(is_literal(value) for value in listed):
        return None
    return list(dict.fromkeys(listed))


def prefixes_of(values: str | Sequence[str] | None) -> list[str] | None:
    """A beginning for each of the values, one of which every match has; None if there is none."""
    if values is None:
        return None
    prefixes = [_prefix(value) for value in _listed(values)]
    return prefixes if prefixes and all(prefixes) else None


def _prefix(value: str) -> str:
    if value.startswith("!"):
        return ""
    glob = _GLOB.search(value)
    return value if glob is None else value[: glob.start()]


def compile_values(values: str | Sequence[str]) -> Test:
    """A test for the text of a label: any of the values matches it."""
    listed = _listed(values)
    literals = frozenset(value for value in listed if is_literal(value))
    tests = [_compile_value(value) for value in dict.fromkeys(listed) if not is_literal(value)]
    if not tests:
        return literals.__contains__
    if not literals and len(tests) == 1:
        return tests[0]
    return lambda text: text in literals or any(test(text) for test in tests)


def _compile_value(value: str) -> Test:
    if not value.startswith("!"):
        return _compile_glob(value)
    excluded = _compile_glob(value[1:])
    return lambda text: not excluded(text)


def _compile_glob(value: str) -> Test:
    prefix = value[:-1]
    if value.endswith("*") and not _GLOB.search(prefix):
        return lambda text: text.startswith(prefix)
    if not _GLOB.search(value):
        return lambda text: text == value
    # fnmatch's translation uses atomic groups: no exponential backtracking.
    matches = re.compile(translate(value)).match
    return lambda text: matches(text) is not None


def compile_specification(specification: Mapping[str, str | Sequence[str]]) -> ResourceTest | None:
    """A test for a resource: every label is there and matches. None if nothing is asked."""
    tests = tuple((label, compile_values(values)) for label, values in specification.items())
    if not tests:
        return None
    if len(tests) == 1:
        return _one_label(*tests[0])

    def accepts(labels: Labels) -> bool:
        for label, test in tests:
            text = labels.get(label)
            if text is None or not test(text):
                return False
        return True

    return accepts


def _one_label(label: str, test: Test) -> ResourceTest:
    def accepts(labels: Labels) -> bool:
        text = labels.get(label)
        return text is not None and test(text)

    return accepts


def _listed(values: str | Sequence[str]) -> Sequence[str]:
    return [values] if isinstance(values, str) else values
