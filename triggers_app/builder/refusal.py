"""Why something was not done to a draft, each reason with the place on the page to go to."""

from dataclasses import dataclass, field

from project.lib.problems import Problem
from triggers_app.automation.editing.problem_fields import sentence_in_place
from triggers_app.models import Draft


@dataclass(frozen=True, slots=True)
class Refusal:
    """`problems` are (anchor, sentence); `confirm` the codes that a checkbox may confirm."""

    heading: str
    problems: list[tuple[str, str]] = field(default_factory=list)
    confirm: str = ""
    as_new: bool = False


def sentence_of(draft: Draft, problem: Problem) -> str:
    sentence = sentence_in_place(draft.document, problem)
    return sentence[:1].upper() + sentence[1:]


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
