"""What a draft still lacks, and what its parts say already. Pure."""

from collections.abc import Iterator
from typing import Any, cast

from project.lib.json_documents import Document
from project.lib.problems import Invalid, Loc, Problem
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.editing.nodes import Placed, walk
from triggers_app.automation.editing.specifications import related_of
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import EventTrigger, Posture, Trigger
from triggers_app.automation.wording import trigger_sentence

NAMELESS = "Give the automation a name."
LABEL = "Name the label, or take the row away."
_SOMETHING = EventTrigger(posture=Posture.REACTIVE, expect=["…"])


def unfinished(document: Document) -> Iterator[Problem]:
    """What a parser would take, and nobody can have meant."""
    name = document.get("name")
    if isinstance(name, str) and not name.strip():
        yield Problem(("name",), NAMELESS, "unfinished")
    for placed in walk(document):
        # An empty row is how the form asks for a label; it would match nothing.
        match = placed.node.get("match")
        if isinstance(match, dict) and match.get("") == []:
            yield Problem((*placed.loc, "match", ""), LABEL, "unfinished")
        listed = isinstance(placed.node.get("match_related"), list)
        for number, related in enumerate(related_of(placed.node)):
            if isinstance(related, dict) and related.get("") == []:
                where = ("match_related", number, "") if listed else ("match_related", "")
                yield Problem((*placed.loc, *where), LABEL, "unfinished")


INCOMPLETE = "Not complete yet"


def node_sentences(document: Document, automation: AutomationDocument | None) -> dict[str, str]:
    """What each node says by itself, or what it still lacks; a part that lacks something is `…`."""
    if automation is not None:
        return {str(node.id): trigger_sentence(node) for node in automation.trigger.walk()}
    sentences: dict[str, str] = {}
    parsed: dict[Loc, Trigger] = {}
    for placed in reversed([*walk(document)]):  # children first
        sentences[placed.id], node = _read(placed, parsed)
        parsed[placed.loc] = node
    return sentences


def _read(placed: Placed, parsed: dict[Loc, Trigger]) -> tuple[str, Trigger]:
    node: dict[str, Any] = placed.node
    children = node.get("triggers")
    if placed.is_group and isinstance(children, list):
        known = [
            parsed.get((*placed.loc, "triggers", index), _SOMETHING)
            for index in range(len(children))
        ]
        node = {**node, "triggers": known}
    try:
        trigger = parse_trigger(node)
    except Invalid as error:
        return f"{INCOMPLETE}: {error.problems[0].msg}", cast("Trigger", _SOMETHING)
    return trigger_sentence(trigger), trigger
