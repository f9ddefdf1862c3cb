"""All rules, and lint itself. Pure. What each rule means: docs/lint.md."""

from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint import (
    absent,
    estate,
    history,
    keys,
    names,
    numbers,
    parameters,
    steps,
    targets,
    values,
    windows,
)
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding
from triggers_app.automation.lint.rule import RULES, findings

__all__ = ["FAMILIES", "RULES", "lint"]

FAMILIES = (
    absent, estate, history, keys, names, numbers, parameters, steps, targets, values, windows,
)  # fmt: skip
"""The modules whose functions are the rules: to be imported is to be registered."""
NOTHING_KNOWN = LintContext()


def lint(document: AutomationDocument, facts: LintContext = NOTHING_KNOWN) -> list[Finding]:
    """What is questionable in a valid document: errors first, then by place and code.

    Lint never refuses a document. Rules whose facts are missing stay silent.
    """
    return sorted(findings(document, facts), key=_order)


def _order(finding: Finding) -> tuple[bool, tuple[tuple[int, str], ...], str]:
    loc = tuple((part, "") if isinstance(part, int) else (-1, part) for part in finding.loc)
    return finding.severity != "error", loc, finding.code
