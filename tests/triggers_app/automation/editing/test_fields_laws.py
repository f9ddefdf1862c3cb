"""For any valid automation: the form says all of it, and a form sent back changes nothing."""

import json
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from project.lib.json_documents import Document
from project.lib.line_ends import newlines
from tests.triggers_app.strategies import TEXTS, automations
from triggers_app.automation.document import ACTION_LISTS, actions_in
from triggers_app.automation.editing.fields import fields_of, with_fields
from triggers_app.automation.editing.nodes import numbered, walk
from triggers_app.automation.editing.typed import (
    duration_of,
    line_of,
    lines_of,
    read_duration,
    read_lines,
    read_text,
    text_of,
)
from triggers_app.automation.formats.checking import canonical

OF_PARAMETERS = ("parameters", "job_variables", "subject", "body", "payload")
KEPT = ("type", "id", "posture", "triggers", "enabled", "x_team", "note", "class", "a b")


def skeleton(document: Document) -> Document:
    """The same tree and the same actions, with nothing that the form says in them."""
    bare = {**deepcopy(document), "name": ""}
    for key in ("description", "tags"):
        bare.pop(key, None)
    for placed in walk(bare):
        _empty(placed.node)
    for name in ACTION_LISTS:
        if name in bare:
            bare[name] = [_only(action, (*KEPT, *OF_PARAMETERS)) for action in bare[name]]
    return bare


def _empty(node: Document) -> None:
    """Only what a new node of its kind has, and as many related resources."""
    related = node.get("match_related")
    kept = _only(node, KEPT)
    node.clear()
    node.update(kept)
    if isinstance(related, list):
        node["match_related"] = [{} for _ in related]
    if "triggers" in node:
        node["within"] = None
    if node.get("posture") == "Metric":
        node["metric"] = {"name": ""}


def meaning(document: Document) -> Document:
    """The automation with every default; one value alone and a list of it are the same."""
    written = canonical(document)
    for placed in walk(written):
        related = placed.node.get("match_related", {})
        for labels in [
            placed.node.get("match", {}),
            *(related if isinstance(related, list) else [related]),
        ]:
            labels |= {label: [v] if isinstance(v, str) else v for label, v in labels.items()}
    return written


def _only(value: Document, keys: tuple[str, ...]) -> Document:
    return {key: each for key, each in value.items() if key in keys}


@given(automations())
@settings(max_examples=300)
def test_what_the_form_says_of_an_automation_makes_it_again(automation: Document) -> None:
    document = numbered(deepcopy(automation))

    made, problems = with_fields(skeleton(document), fields_of(document))

    assert problems == []
    assert meaning(made) == meaning(document)


@given(automations())
@settings(max_examples=200)
def test_a_form_sent_back_as_it_came_changes_nothing_at_all(automation: Document) -> None:
    document = numbered(deepcopy(automation))
    fields = {name: text.replace("\n", "\r\n") for name, text in fields_of(document).items()}

    same, problems = with_fields(document, fields)

    assert problems == []
    assert json.dumps(same) == json.dumps(document)


@given(automations(), st.data())
def test_one_changed_name_leaves_every_other_field_alone(
    automation: Document, data: st.DataObject
) -> None:
    document = numbered(deepcopy(automation))
    text = data.draw(TEXTS)

    changed, problems = with_fields(document, {"name": line_of(text)})

    assert problems == []
    assert {**changed, "name": document["name"]} == document
    assert changed["name"] == text


@given(automations(), st.dictionaries(st.sampled_from(["within", "type", "0.label"]), TEXTS))
def test_no_text_in_any_field_makes_the_form_stumble(
    automation: Document, typed: dict[str, str]
) -> None:
    document = numbered(deepcopy(automation))
    texts = list(typed.values()) or ["?"]
    names = fields_of(document)
    fields = {name: texts[at % len(texts)] for at, name in enumerate(names)}

    changed, problems = with_fields(document, fields)

    assert {problem.field for problem in problems} <= {*names}
    assert len(list(actions_in(changed))) == len(list(actions_in(document)))


@given(st.lists(TEXTS, max_size=4))
def test_values_in_lines_are_read_as_they_were(values: list[str]) -> None:
    assert read_lines(newlines(lines_of(values).replace("\n", "\r\n"))) == values


@given(TEXTS)
def test_a_text_is_read_as_it_was(value: str) -> None:
    assert read_text(line_of(value)) == value
    assert read_text(newlines(text_of(value))) == value
    assert "\n" not in line_of(value)


@given(st.integers(0, 10**15).map(lambda microseconds: microseconds / 1_000_000))
def test_a_duration_in_words_is_exact_to_the_microsecond(seconds: float) -> None:
    assert read_duration(duration_of(seconds)) == seconds
