"""Terraform says every automation, or says what it leaves out; no text makes its reader stumble."""

import shutil
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.formats.laws import only_lost, tried
from tests.triggers_app.strategies import VALUES, automations, deployment_automations
from triggers_app.automation.formats.terraform import (
    read as terraform_hcl,
)
from triggers_app.automation.formats.terraform import (
    write as terraform_writer,
)


@tried
@given(automations() | deployment_automations())
def test_terraform_says_the_automation_or_what_it_leaves_out(document: Document) -> None:
    writing = terraform_writer.write(document)

    reading = terraform_hcl.read(writing.text)

    assert not reading.errors, reading.diagnostics
    assert only_lost(reading, document, writing.losses)


@tried
@given(automations(), st.lists(st.tuples(st.integers(), VALUES), max_size=3))
def test_a_draft_of_any_shape_is_written(
    document: Document, changes: list[tuple[int, object]]
) -> None:
    for number, value in changes:
        keys = list(document)
        document = {**document, keys[number % len(keys)]: value}

    writing = terraform_writer.write(document)

    assert writing.text.count('resource "prefect_automation"') >= 1


def test_what_is_written_is_formatted_as_terraform_does(tmp_path: Path) -> None:
    written: list[str] = []

    @tried
    @given(automations())
    def write(document: Document) -> None:
        written.append(terraform_writer.write(document).text)

    write()
    for number, text in enumerate(written):
        (tmp_path / f"{number}.tf").write_text(text, encoding="utf-8", newline="")

    # Without the binary, the golden files of test_terraform.py say how it formats.
    if terraform := shutil.which("terraform"):
        command = [terraform, "fmt", "-check", "-diff", str(tmp_path)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr


PIECES = [
    'resource "prefect_automation" "a" {\n',
    "}\n",
    "trigger = {\n",
    "event = ",
    "{ ",
    " }",
    "[",
    "]",
    ",",
    "(",
    ")",
    '"',
    '"x"',
    "${",
    "%{",
    "$${",
    "<<EOT\n",
    "EOT\n",
    "<<-A\n  x\n  A\n",
    "name = ",
    "jsonencode(",
    "for x in y : x",
    "prefect_deployment.x.id",
    "data.prefect_deployment.x.id",
    "actions = ",
    "null",
    "-1e5",
    "1e999",
    "- 3",
    "a.*.b",
    "a[0]",
    "? 1 : 2",
    "!",
    "\\",
    "# c\n",
    "/* c */",
    "\n",
    "\x00",
    "\ud800",
    "9" * 5000,
]


@tried
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=30))
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    for written in (text, f'resource "prefect_automation" "a" {{\n{text}\n}}\n'):
        reading = terraform_hcl.read(written)

        assert reading.document is not None or reading.errors
        assert all(each.line >= 1 and each.column >= 1 for each in reading.diagnostics)
