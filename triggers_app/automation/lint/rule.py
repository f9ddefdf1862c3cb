"""What a rule of lint is: a function with a code, and the words that docs/lint.md has for it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding

Check = Callable[[AutomationDocument, LintContext], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class LintRule:
    """`title` names what is questionable, `why` says what comes of it.

    `checks` look for it in a document; without the facts that they need they stay silent.
    """

    code: str
    title: str
    why: str
    checks: list[Check]


RULES: dict[str, LintRule] = {}
"""All rules by their codes; complete once `registry` is imported."""


def rule(code: str, title: str, why: str) -> Callable[[Check], Check]:
    """Make a function a rule."""
    if code in RULES:
        raise ValueError(f"There are two rules {code}.")
    RULES[code] = LintRule(code, title, why, [])
    return part_of(code)


def part_of(code: str) -> Callable[[Check], Check]:
    """Another function that finds what the rule of this code, above it, is about."""

    def add(check: Check) -> Check:
        RULES[code].checks.append(check)
        return check

    return add


def findings(document: AutomationDocument, facts: LintContext) -> Iterable[Finding]:
    return (
        finding
        for each in RULES.values()
        for check in each.checks
        for finding in check(document, facts)
    )
