"""Laws of the codecs for every valid automation, and for every text that is none."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.formats.laws import only_lost, tried
from tests.triggers_app.strategies import VALUES, automations, deployment_automations
from triggers_app.automation.formats.checking import canonical
from triggers_app.automation.formats.json import automation as automation_json
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.prefect_yaml import (
    block as deployment_block,
)
from triggers_app.automation.formats.prefect_yaml import (
    edit as block_edit,
)
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.formats.yaml.match import same


@tried
@given(automations())
def test_json_says_every_automation(document: Document) -> None:
    reading = automation_json.read(automation_json.write(document).text)

    assert same(reading.document, document)
    assert not reading.errors and not reading.losses


@tried
@given(automations())
def test_yaml_says_every_automation(document: Document) -> None:
    reading = automation_yaml.read(automation_yaml.write(document).text)

    assert same(reading.document, document)
    assert not reading.errors and not reading.losses


@tried
@given(automations(), automations())
def test_an_edited_yaml_text_says_the_new_automation(old: Document, new: Document) -> None:
    text = automation_yaml.apply_edit(automation_yaml.write(old).text, old, new)

    assert same(automation_yaml.read(text).document, new)


@tried
@given(automations(), st.data())
def test_a_small_edit_of_yaml_is_made_in_place(old: Document, data: st.DataObject) -> None:
    new = edited(old, data)
    text = "# opening\n" + automation_yaml.write(old).text + "# closing\n"

    text = automation_yaml.apply_edit(text, old, new)

    assert same(automation_yaml.read(text).document, new)
    assert text.startswith("# opening\n") and "# closing" in text


def edited(value: Any, data: st.DataObject) -> Any:
    """The value with one part changed, added, taken away or moved, somewhere in it."""
    if isinstance(value, dict) and value:
        key = data.draw(st.sampled_from(list(value)))
        rest = {name: each for name, each in value.items() if name != key}
        return {**rest, key: edited(value[key], data)} if data.draw(st.integers(0, 9)) else rest
    if isinstance(value, list) and value:
        index = data.draw(st.integers(0, len(value) - 1))
        before, after = value[:index], value[index + 1 :]
        other = [edited(value[index], data)]
        return data.draw(
            st.sampled_from(
                [before + other + after, before + after, after + before, before + other + value]
            )
        )
    return data.draw(VALUES)


@tried
@given(deployment_automations(), automations())
def test_the_two_way_block_keeps_what_it_cannot_say(one: Document, other: Document) -> None:
    for document in (one, other):
        text = deployment_block.write(document).text

        reading = deployment_block.read(text, base=document)

        assert reading.document is not None and not reading.errors
        assert same(canonical(reading.document), canonical(document))


@tried
@given(automations() | deployment_automations())
def test_a_block_says_the_automation_or_what_it_leaves_out(document: Document) -> None:
    writing = deployment_block.write(document)

    reading = deployment_block.read(writing.text)

    losses = list(writing.losses)
    if any(loss.loc[0] == "actions" and len(loss.loc) == 2 for loss in losses):
        losses.append(Loss(("actions",), "Without some of them the others have other numbers."))
    # What `prefect deploy` would take out is unfinished, and was said to be lost.
    lost = {loss.loc for loss in losses}
    for error in reading.errors:
        assert error.loc is not None and error.code == "not_literal"
        assert any(error.loc[:size] in lost for size in range(1, len(error.loc) + 1))
    assert reading.errors or only_lost(reading, document, losses)


@tried
@given(deployment_automations(), deployment_automations())
def test_an_edited_block_says_the_new_trigger(old: Document, new: Document) -> None:
    text = block_edit.apply_edit(deployment_block.write(old).text, old, new)

    reading = deployment_block.read(text, base=new)

    assert reading.document is not None
    assert same(canonical(reading.document), canonical(new))


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "name: x\n",
            "trigger:\n",
            "  type: event\n",
            "- ",
            "  - ",
            "&a ",
            "*a",
            "<<: *a\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"',
            "'",
            "|\n",
            "? ",
            "!!set ",
            "!x ",
            "\t",
            "\r\n",
            "# c\n",
            "null",
            "1e999",
            "0o7",
            "---\n",
            "%YAML 1.1\n",
            "trigger",
            "actions",
            "\x07",
            "\ud800",
        ]
    ),
    max_size=12,
).map("".join)


@tried
@given(FRAGMENTS | st.text(max_size=30))
def test_no_text_makes_a_reader_of_yaml_or_json_stumble(text: str) -> None:
    readings = [
        automation_json.read(text),
        automation_yaml.read(text),
        deployment_block.read(text),
    ]

    for reading in readings:
        assert reading.document is not None or reading.errors
        assert all(each.line >= 1 and each.column >= 1 for each in reading.diagnostics)


@tried
@given(FRAGMENTS, automations())
def test_any_text_can_be_edited_into_a_block(text: str, new: Document) -> None:
    outcome = block_edit.apply_edit(text, {}, new)

    read = deployment_block.read(outcome, base=new).document
    assert read is not None and same(canonical(read), canonical(new))


@tried
@given(FRAGMENTS, deployment_automations())
def test_any_text_can_be_edited_into_any_automation(text: str, new: Document) -> None:
    outcome = automation_yaml.apply_edit(text, {}, new)

    read = automation_yaml.read(outcome).document
    assert read is not None and same(read, {**read, **new})
