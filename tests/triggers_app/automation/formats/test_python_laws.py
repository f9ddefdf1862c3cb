"""Python says every automation, or says what it leaves out; no text makes its reader stumble."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.formats.laws import only_lost, tried
from tests.triggers_app.strategies import VALUES, automations, deployment_automations
from triggers_app.automation.formats.python import read as python_source
from triggers_app.automation.formats.python import write as python_writer


@tried
@given(automations() | deployment_automations())
def test_python_says_the_automation_or_what_it_leaves_out(document: Document) -> None:
    writing = python_writer.write(document)

    reading = python_source.read(writing.text)

    assert not reading.errors, (reading.diagnostics, writing.text)
    assert only_lost(reading, document, writing.losses), writing.text


@tried
@given(automations(), st.lists(st.tuples(st.integers(), VALUES), max_size=3))
def test_a_draft_of_any_shape_is_written(
    document: Document, changes: list[tuple[int, object]]
) -> None:
    for number, value in changes:
        keys = list(document)
        document = {**document, keys[number % len(keys)]: value}

    ast.parse(python_writer.write(document).text)


PIECES = [
    "DeploymentEventTrigger(",
    "EventTrigger(",
    "DeploymentCompoundTrigger(triggers=[",
    "Automation(trigger=",
    "MetricTriggerQuery(",
    "a.serve(name='x', triggers=",
    "triggers",
    "=",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    ",",
    "**",
    "*",
    "expect=['a']",
    "within=timedelta(",
    "minutes=",
    "1e999",
    "1j",
    "b'x'",
    "f'{x}'",
    "'\\d'",
    "x = ",
    "x",
    "x.y",
    "Posture.",
    "lambda: 0",
    "-",
    "not ",
    "...",
    "\n",
    "    ",
    "def f():\n",
    "ResourceSpecification(",
    "\x00",
    "\ud800",
    "\x0c",
    "é",
]


@tried
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    reading = python_source.read(text)

    assert reading.document is not None or reading.errors
    assert all(each.line >= 1 and each.column >= 1 for each in reading.diagnostics)


CODE = st.sampled_from(
    [
        "x = x",
        "x = [x, x]",
        "a = b\nb = a",
        "x = " + "[" * 80 + "]" * 80,
        "x = " + "-" * 5000 + "1",
        "x = " + "f(" * 5000,
        "a0 = [1, 1]\n" + "\n".join(f"a{i + 1} = [a{i}, a{i}]" for i in range(40)) + "\nx = a40",
    ]
)


@tried
@given(CODE)
def test_names_that_lead_in_circles_or_multiply_come_to_an_end(code: str) -> None:
    reading = python_source.read(code + "\nDeploymentEventTrigger(expect=x)")

    assert reading.errors
