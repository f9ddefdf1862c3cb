"""Why a draft was not saved, each reason with the place on the page that it leads to."""

from dataclasses import dataclass, field

from project.lib.problems import Problem
from triggers_app.automation.editing.problem_fields import field_of, told_in_place
from triggers_app.automation.lint.finding import Finding
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.saving import SaveRefused
from triggers_app.models import Draft

MOST = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """`problems` are (anchor, sentence); `confirm` the codes that a checkbox may confirm."""

    heading: str
    problems: list[tuple[str, str]] = field(default_factory=list)
    confirm: str = ""
    as_new: bool = False


def refusal_of(draft: Draft, refused: SaveRefused) -> Refusal:
    fields = drafts.form_of(draft)
    findings: list[Finding] = refused.findings
    told = [*refused.problems, *(_problem(one) for one in findings)]
    asks = {one.code for one in findings if one.asks_confirmation}
    only_asks = bool(asks) and not refused.problems and all(f.asks_confirmation for f in findings)
    return Refusal(
        "It is not switched on yet. Is this what you want?" if only_asks else "Not saved.",
        [
            (anchor_of(fields, field_of(draft.document, one)), sentence_of(draft, one))
            for one in told[:MOST]
        ],
        " ".join(sorted(asks)) if only_asks else "",
        any(one.type == "gone" for one in refused.problems),
    )


def sentence_of(draft: Draft, problem: Problem) -> str:
    told = told_in_place(draft.document, problem)
    return told[:1].upper() + told[1:]


def _problem(finding: Finding) -> Problem:
    return Problem(finding.loc, f"{finding.code}: {finding.message}", finding.code)


def anchor_of(fields: dict[str, str], name: str) -> str:
    """The id of the field, or of the part that it would stand in."""
    if name in fields:
        return f"field-{name}"
    steps = name.split(".")
    if steps[0] == "n" and len(steps) > 1:
        return f"node-{steps[1]}"
    if steps[0] == "a" and len(steps) > 2:
        return f"action-{steps[1]}-{steps[2]}"
    return ""
