"""All rules, and lint itself. Pure. What each rule means: docs/lint.md."""

from collections.abc import Callable, Iterable

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
from triggers_app.automation.lint.context import Facts
from triggers_app.automation.lint.finding import Finding

Rule = Callable[[AutomationDocument, Facts], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    values.or_ed_negation,  # L01
    absent.negated_related,  # L02
    names.stays_in,  # L03
    names.every_event,  # L04
    windows.count_without_window,  # L05
    absent.missing_key,  # L06
    absent.negation_of_nothing,  # L07
    names.unseen_names,  # L08
    windows.too_short_for_silence,  # L09
    parameters.undefined_value,  # L10
    numbers.text_for_number,  # L11
    estate.loops,  # L12
    estate.own_firings,  # L12
    targets.changed_target,  # L13
    targets.finished_resource,  # L14
    estate.same_trigger,  # L15
    values.metacharacters,  # L16
    windows.longer_than_kept,  # L17
    history.too_many_firings,  # L18
    history.no_firings,  # L19
    values.different_case,  # L20
    parameters.unset_parameter,  # L21
    steps.shared_steps,  # L22
    keys.unknown_key,  # L23
)
NOTHING_KNOWN = Facts()


def lint(document: AutomationDocument, facts: Facts = NOTHING_KNOWN) -> list[Finding]:
    """What is questionable in a valid document: errors first, then by place and code.

    Lint never refuses a document. Rules whose facts are missing stay silent.
    """
    findings = [finding for rule in RULES for finding in rule(document, facts)]
    return sorted(findings, key=_order)


def _order(finding: Finding) -> tuple[bool, tuple[tuple[int, str], ...], str]:
    loc = tuple((part, "") if isinstance(part, int) else (-1, part) for part in finding.loc)
    return finding.severity != "error", loc, finding.code
