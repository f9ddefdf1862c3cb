"""What is written, byte for byte, and that Terraform and a shell take it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from project.lib.json_documents import Document
from triggers_app.automation.formats import curl
from triggers_app.automation.formats.prefect_yaml import block as deployment_block
from triggers_app.automation.formats.python import write as python_writer
from triggers_app.automation.formats.reading import Writing
from triggers_app.automation.formats.terraform import write as terraform_writer
from triggers_app.automation.formats.yaml import automation as automation_yaml

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS: dict[str, Document] = json.loads((GOLDEN / "documents.json").read_text())
WRITERS: dict[str, Callable[[Document], Writing]] = {
    "yaml": automation_yaml.write,
    "prefect.yaml": deployment_block.write,
    "tf": terraform_writer.write,
    "py.txt": python_writer.write,
    "sh": curl.write,
}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_format_is_written_as_the_golden_file(name: str, suffix: str) -> None:
    expected = (GOLDEN / f"{name}.{suffix}").read_text(encoding="utf-8")

    assert WRITERS[suffix](DOCUMENTS[name]).text == expected


def test_the_golden_files_are_formatted_as_terraform_does() -> None:
    files = sorted(GOLDEN.glob("*.tf"))
    assert len(files) == len(DOCUMENTS)

    # Where Terraform is not installed, the files stand for what it said of them.
    if terraform := shutil.which("terraform"):
        command = [terraform, "fmt", "-check", "-diff", *map(str, files)]
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr


@pytest.mark.parametrize("text", ["it's $HOME `id` \\ é\n", "JSON", "'\"'"])
def test_a_shell_sends_the_document_as_it_is(text: str) -> None:
    document = {"name": text, "trigger": {"type": "event", "id": "x"}, "actions": []}
    command = curl.write(document, api_url="http://host/a'b").text
    script = f'curl() {{ echo "$4"; cat; }}\n{command}'

    sent = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)

    url, _, body = sent.stdout.partition("\n")
    assert url == "http://host/a'b/automations/"
    assert json.loads(body) == {**document, "trigger": {"type": "event"}}


@pytest.mark.parametrize("end", ["", "/"], ids=["plain", "with a slash"])
def test_a_command_takes_address_and_key_from_the_shell(end: str) -> None:
    command = curl.write({"name": "a", "trigger": {}, "actions": []}).text
    variables = f"PREFECT_API_URL='http://host:1/api{end}' FLINT_API_KEY=k"
    script = f'{variables}\ncurl() {{ echo "$4" "$6"; }}\n{command}'

    sent = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)

    assert sent.stdout == "http://host:1/api/automations/ Authorization: Bearer k\n"
