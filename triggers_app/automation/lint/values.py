"""Lint of the values of labels: L01, L16, L20. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import compile_values, is_literal
from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, setting, warning
from triggers_app.automation.lint.places import values_of_labels
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.loops.overlap import includes, listed
from triggers_app.automation.triggers import Values

MOST_LISTED = 20
_ESCAPED = re.compile(r"\[[\[?*]\]")
_TO_ESCAPE = re.compile(r"(\[[\[?*]\])|[\[?]")
_METACHARACTERS = re.compile(r"\?|\[.[^\]]*\]")


@rule(
    "L01",
    "A negation among alternatives",
    "The values of one label are alternatives: one is enough. So a negation beside "
    "another value lets in nearly everything that the other would keep out.",
)
def or_ed_negation(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L01: the values of a label are alternatives, so a negation among them lets the rest in."""
    for loc, label, values, full in values_of_labels(document):
        distinct = list(dict.fromkeys(listed(values)))
        negated = [value for value in distinct if value.startswith("!")]
        positive = [value for value in distinct if not value.startswith("!")]
        if not negated or len(distinct) < 2 or _are_exceptions(positive, negated):
            continue
        yield warning(
            "L01",
            loc,
            f"The values of `{label}` are alternatives, one is enough: `{negated[0]}` alone "
            f"already lets in nearly everything that the others would keep out. "
            "List only what shall match, or only one thing that shall not.",
            _only_what_fits(loc, positive, negated, facts.label_values.get(full, {})),
        )


def _are_exceptions(positive: Sequence[str], negated: Sequence[str]) -> bool:
    """`!tmp/*` beside `tmp/keep/*` makes sense: all but tmp, and of tmp what is kept."""
    return len(negated) == 1 and all(includes(negated[0][1:], value) for value in positive)


def _only_what_fits(
    loc: Loc, positive: list[str], negated: Sequence[str], seen: Mapping[str, int]
) -> Fix | None:
    if positive:
        return setting("Keep only the values that shall match", loc, positive)
    fitting = [text for text in seen if not any(compile_values(v[1:])(text) for v in negated)]
    if not 0 < len(fitting) <= MOST_LISTED or not all(map(is_literal, fitting)):
        return None
    return setting("List the values seen so far that fit", loc, sorted(fitting))


@rule(
    "L16",
    "A `?` or `[…]` in an id",
    "Values are patterns: `?` is any character, `[ab]` is `a` or `b`. An id that contains "
    "them does not match itself.",
)
def metacharacters(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L16: `?` and `[…]` stand for other characters, also in what was meant as an id."""
    for loc, label, value, full in _single_values(document):
        text = value.removeprefix("!")
        unescaped = _ESCAPED.sub("", text)
        if "*" in unescaped or not _METACHARACTERS.search(unescaped):
            continue
        seen = facts.label_values.get(full, {})
        as_glob = label != RESOURCE_ID or _accepts_any(text, seen)
        if text not in seen and as_glob:
            continue
        escaped = _TO_ESCAPE.sub(lambda match: match[1] or f"[{match[0]}]", text)
        sign = value[: len(value) - len(text)]
        yield warning(
            "L16",
            loc,
            f"`?` and `[…]` in `{text}` stand for any fitting character, so this does not match "
            f"the same text. To mean the characters themselves, write `{sign}{escaped}`.",
            setting("Mean the characters themselves", loc, sign + escaped),
        )


@rule(
    "L20",
    "Another case than every value seen",
    "Upper and lower case count. All values seen are written in another way.",
)
def different_case(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L20: upper and lower case count, and every value seen is written in another way."""
    for loc, label, value, full in _single_values(document):
        seen = facts.label_values.get(full, {})
        text = value.removeprefix("!")
        if not seen or _accepts_any(text, seen):
            continue
        regardless = compile_values([text.casefold()])
        alike = [one for one in seen if regardless(one.casefold())]
        if not alike:
            continue
        nearest = max(alike, key=lambda one: (seen[one], one))
        yield warning(
            "L20",
            loc,
            f"`{text}` matches no value of `{label}` seen so far: upper and lower case count, "
            f"and they are written like `{nearest}`.",
            _recased(loc, value, text, nearest),
        )


def _recased(loc: Loc, value: str, text: str, seen: str) -> Fix | None:
    """The value in the spelling that was seen; for a glob, that of its beginning."""
    sign = value[: len(value) - len(text)]
    if is_literal(text):
        return setting(f"Write `{seen}`", loc, sign + seen) if is_literal(seen) else None
    plain = len(re.split(r"[*?\[]", text, maxsplit=1)[0])
    recased = seen[:plain] + text[plain:]
    if not _accepts_any(recased, [seen]):
        return None
    return setting(f"Write `{recased}`", loc, sign + recased)


def _accepts_any(text: str, seen: Iterable[str]) -> bool:
    accepts = compile_values([text])
    return any(accepts(one) for one in seen)


def _single_values(document: AutomationDocument) -> Iterator[tuple[Loc, str, str, str]]:
    """Every value by itself, with its path."""
    for loc, label, values, full in values_of_labels(document):
        for where, value in _places(loc, values):
            yield where, label, value, full


def _places(loc: Loc, values: Values) -> Iterator[tuple[Loc, str]]:
    if isinstance(values, str):
        yield loc, values
    else:
        for index, value in enumerate(values):
            yield (*loc, index), value
