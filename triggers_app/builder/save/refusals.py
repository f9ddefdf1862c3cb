"""Why a draft was not saved."""

from project.lib.problems import Problem
from triggers_app.automation.editing.problem_fields import field_of
from triggers_app.automation.lint.finding import Finding
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.refusal import Refusal, anchor_of, sentence_of
from triggers_app.builder.save.service import SaveRefused
from triggers_app.models import Draft

MOST = 50


def refusal_of(draft: Draft, refused: SaveRefused) -> Refusal:
    fields = drafts.form_of(draft)
    findings: list[Finding] = refused.findings
    problems = [*refused.problems, *(_problem(one) for one in findings)]
    asks = {one.code for one in findings if one.asks_confirmation}
    only_asks = bool(asks) and not refused.problems and all(f.asks_confirmation for f in findings)
    return Refusal(
        "It is not switched on yet. Is this what you want?" if only_asks else "Not saved.",
        [
            (anchor_of(fields, field_of(draft.document, one)), sentence_of(draft, one))
            for one in problems[:MOST]
        ],
        " ".join(sorted(asks)) if only_asks else "",
        any(one.type == "gone" for one in refused.problems),
    )


def _problem(finding: Finding) -> Problem:
    return Problem(finding.loc, f"{finding.code}: {finding.message}", finding.code)
