"""Laws of the panes: what is typed there is the draft, with the ids that its nodes had."""

from collections.abc import Iterator
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.formats.laws import only_lost, tried
from tests.triggers_app.automation.formats.test_laws import edited
from tests.triggers_app.strategies import automations
from triggers_app.automation.document import document as meant
from triggers_app.automation.editing import pane
from triggers_app.automation.editing.recognizing import recognized
from triggers_app.automation.formats import detect
from triggers_app.automation.formats.registry import TWO_WAY, Format
from triggers_app.automation.formats.yaml import automation as automation_yaml
from triggers_app.automation.formats.yaml.match import same
from triggers_app.automation.parsing import parse_automation


def numbered() -> Iterator[str]:
    return (str(UUID(int=number)) for number in count(1))


def draft(document: Document) -> Document:
    """The document as a draft holds it: with an id in every node."""
    ids = numbered()
    return {**document, "trigger": recognized(document["trigger"], None, lambda: next(ids))}


def no_new_id() -> str:
    pytest.fail("Every node of the text is one of the draft's.")


def explicit(document: Document | None) -> Document:
    return meant(parse_automation(document))


def in_a_browser(text: str) -> str:
    """The text as a `<textarea>` sends it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("format", TWO_WAY)
@tried
@given(document=automations())
def test_a_pane_read_back_is_the_draft_with_the_ids_of_its_nodes(
    format: Format, document: Document
) -> None:
    held = draft(document)
    text = in_a_browser(pane.written(format, held).text)

    reading = pane.read(format, text, base=held, fresh=no_new_id)

    if format is not Format.PREFECT_YAML:
        assert same(reading.document, held)
    else:  # a block may write out what the document leaves to a default
        assert explicit(reading.document) == explicit(held)


@tried
@given(automations(), st.data())
def test_a_form_edit_reaches_the_text_and_the_text_says_it(
    old: Document, data: st.DataObject
) -> None:
    new = edited(old, data)
    text = "# mine\n" + automation_yaml.write(old).text

    text = automation_yaml.apply_edit(text, old, new)
    reading = pane.read(Format.YAML, text, base=draft(old), fresh=lambda: "new")

    assert text.startswith("# mine\n")
    assert same(pane.plain(reading.document or {}), pane.plain(new))


@pytest.mark.parametrize("format", [Format.HCL, Format.PYTHON])
@tried
@given(document=automations())
def test_what_is_only_shown_says_the_same_or_what_is_lost(
    format: Format, document: Document
) -> None:
    writing = pane.written(format, draft(document))

    assert only_lost(detect.read(writing.text, format), document, writing.losses)
