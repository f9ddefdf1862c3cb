"""How the tests of single rules look at documents."""

from dataclasses import dataclass, field
from typing import Any

from project.lib.json_documents import Document
from project.lib.problems import Loc
from tests.menagerie import automation_document
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, apply_fix
from triggers_app.automation.lint.rule import Check
from triggers_app.automation.parsing import parse_automation


@dataclass(frozen=True)
class Case:
    """A document as its author wrote it. `fixed`: its trigger, or actions, after the fix."""

    rule: Check
    trigger: Document | None = None
    facts: LintContext = field(default_factory=LintContext)
    loc: Loc = ()
    says: str = ""
    fixed: Any = None
    fields: Document = field(default_factory=dict)

    @property
    def document(self) -> Document:
        return automation_document(self.trigger, **self.fields)

    def findings(self, document: Document | None = None) -> list[Finding]:
        return list(self.rule(parse_automation(document or self.document), self.facts))


def check_fires(code: str, case: Case) -> None:
    """It fires once, where it should; its fix does what it should, and settles it."""
    [finding] = case.findings()
    assert (finding.code, finding.loc) == (code, case.loc)
    assert case.says in finding.message and finding.message.endswith((".", "?"))
    assert (finding.fix is None) is (case.fixed is None)
    if finding.fix is not None:
        repaired = apply_fix(case.document, finding.fix)
        assert repaired[str(finding.fix.edits[0].path[0])] == case.fixed
        assert case.findings(repaired) == []


def check_silent(case: Case) -> None:
    assert case.findings() == []
