"""Which format a pasted text is in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.formats.laws import tried
from tests.triggers_app.strategies import automations
from triggers_app.automation.formats.detect import detect, read
from triggers_app.automation.formats.registry import Format

DOCUMENTS = json.loads((Path(__file__).parent / "golden" / "documents.json").read_text())


@tried
@given(automations(), st.sampled_from(list(Format)))
def test_what_is_written_in_a_format_is_detected_as_it(document: Document, format: Format) -> None:
    text = format.spec.write(document).text

    assert detect(text).format is format
    assert read(text).document is not None


TEXTS = [
    ("", None),
    ("  \n", None),
    ('{"trigger": {', Format.JSON),
    ('{"match": {"a": "b"}, "expect": ["x"]}', Format.PREFECT_YAML),
    ("- name: a\n  trigger:\n    type: event\n", Format.YAML),
    ("- expect: [a]\n", Format.PREFECT_YAML),
    ("type: compound\ntriggers:\n  - expect: [a]\n", Format.PREFECT_YAML),
    ("deployments:\n  - name: x\n    triggers: []\n", Format.PREFECT_YAML),
    ("name: x\ndescription: |\n  import this\ntrigger:\n  type: event\n", Format.YAML),
    ("trigger = {\n  event = {}\n}\n", Format.HCL),
    ("# mine\nresource \"prefect_automation\" \"x\" {\n", Format.HCL),
    ("DeploymentEventTrigger(\n  expect=['a'])", Format.PYTHON),
    ("from prefect import flow\n", Format.PYTHON),
    ("$ curl -d '{}' http://x", Format.CURL),
    ("hello", Format.YAML),
]  # fmt: skip


@pytest.mark.parametrize(("text", "format"), TEXTS)
def test_a_text_shows_its_format(text: str, format: Format | None) -> None:
    detected = detect(text)

    assert detected.format is format
    assert detected.reason.endswith(".")


COMMANDS = [
    """curl -X POST x/automations/ -d '{"name": "it'\\''s"}'""",
    """curl x --data-raw "{\\"name\\": \\"it's\\"}" """,
    """curl x --json '{"name": "it'\\''s"}'""",
    """curl x -d @- <<EOF\n{"name": "it's"}\nEOF""",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_body_of_a_curl_command_is_read(command: str) -> None:
    assert read(command).document == {"name": "it's"}


@pytest.mark.parametrize("text", ["", "curl http://x", "curl -d"])
def test_a_text_that_says_nothing_is_refused(text: str) -> None:
    assert [each.code for each in read(text).errors] == ["nothing_found"]


@tried
@given(st.text(max_size=60), st.sampled_from(Format))
def test_no_text_makes_any_reader_stumble(text: str, format: Format) -> None:
    for reading in (read(text), read(text, format)):
        assert reading.document is not None or reading.errors
