"""Which format a pasted text is in, and why it is thought so."""

import re
from dataclasses import dataclass
from enum import StrEnum
from textwrap import dedent

from triggers_app.automation.formats import curl
from triggers_app.automation.formats.json import automation as automation_json
from triggers_app.automation.formats.prefect_yaml import block as deployment_block
from triggers_app.automation.formats.python import read as python_source
from triggers_app.automation.formats.reading import Reading, refused
from triggers_app.automation.formats.terraform import read as terraform_hcl
from triggers_app.automation.formats.yaml import automation as automation_yaml


class Format(StrEnum):
    JSON = "json"
    YAML = "yaml"
    PREFECT_YAML = "prefect.yaml"
    HCL = "hcl"
    PYTHON = "python"
    CURL = "curl"


@dataclass(frozen=True, slots=True)
class Detected:
    """`reason` is a sentence; there is no format for a text that says nothing."""

    format: Format | None
    reason: str


# Blanks within a line only: those over lines would be tried anew at each of them.
_SIGNS: list[tuple[Format, str, str]] = [
    (Format.CURL, r"^[ \t]*(?:\$[ \t]*)?curl\s", "It begins with `curl`."),
    # A text within YAML may hold a script; its keys at the margin tell.
    (Format.YAML, r"^(?:trigger|actions)\s*:", "It has the keys of an automation, as YAML does."),
    (Format.PREFECT_YAML, r"^(?:deployments|triggers)\s*:", "It has a list of triggers."),
    (Format.YAML, r"^[aA]utomations?\s*:", "It has a list of automations, as Prefect's files do."),
    (
        Format.HCL,
        r"^[ \t]*(?:resource|data|locals|variable|module|terraform|provider)"
        r'[ \t]*(?:"[^"\n]*"[ \t]*)*\{',
        "It has a block of Terraform's, such as `resource`.",
    ),
    (Format.HCL, r"=\s*jsonencode\(", "It calls Terraform's `jsonencode`."),
    (
        Format.PYTHON,
        r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+import\s|import[ \t]+\w|@flow\b"
        r"|(?:async[ \t]+)?def[ \t]+\w+\()",
        "It imports or defines something, as Python does.",
    ),
    (
        Format.PYTHON,
        r"\b(?:Deployment)?(?:Event|Compound|Sequence|Metric)Trigger\(|\bAutomation\(",
        "It calls one of Prefect's classes.",
    ),
    (
        Format.HCL,
        r"^[ \t]*trigger[ \t]*=[ \t]*\{",
        "It assigns `trigger` an object, as Terraform does.",
    ),
]
_OF_BLOCK = r"^[ \t]*-[ \t]+(?:type|name|match|expect|enabled)\s*:"
_OF_TRIGGER = r"""^[ \t]*['"]?(?:type|match|expect|posture|require|for_each)['"]?\s*:"""
_OF_AUTOMATION = r"""^(?:- |  )['"]?(?:trigger|actions)['"]?\s*:"""


def detect(text: str) -> Detected:
    """The format by the first sign of it; a text of none of them is taken for YAML."""
    # What was copied out of a longer text is indented as a whole.
    stripped = dedent(text.removeprefix("\ufeff")).strip().removeprefix("\ufeff").lstrip()
    if not stripped:
        return Detected(None, "There is nothing here.")
    if stripped[0] in "{[":
        return _of_json(stripped)
    for format, sign, reason in _SIGNS:
        if re.search(sign, stripped, re.MULTILINE):
            return Detected(format, reason)
    if re.search(_OF_AUTOMATION, stripped, re.MULTILINE):
        return Detected(Format.YAML, "It has the keys of an automation, as YAML writes them.")
    if re.search(_OF_BLOCK, stripped, re.MULTILINE):
        return Detected(Format.PREFECT_YAML, "It lists triggers, as prefect.yaml does.")
    if re.search(_OF_TRIGGER, stripped, re.MULTILINE):
        return Detected(Format.PREFECT_YAML, "It has the keys of a trigger, but no actions.")
    return Detected(Format.YAML, "It is none of the other formats.")


def _of_json(text: str) -> Detected:
    if re.search(r"""["']?(?:trigger|actions)["']?\s*:""", text):
        return Detected(Format.JSON, f"It begins with `{text[0]}` and has a trigger.")
    if re.search(r"""["']?(?:match|expect|posture|triggers)["']?\s*:""", text):
        return Detected(Format.PREFECT_YAML, "It is a trigger alone, as JSON writes it.")
    return Detected(Format.JSON, f"It begins with `{text[0]}`.")


def read(text: str, format: Format | None = None) -> Reading:
    """A pasted text in the format that it is said or thought to be in."""
    match format or detect(text).format:
        case Format.JSON:
            return automation_json.read(text)
        case Format.YAML:
            return automation_yaml.read(text)
        case Format.PREFECT_YAML:
            return deployment_block.read(text)
        case Format.HCL:
            return terraform_hcl.read(text)
        case Format.PYTHON:
            return python_source.read(text)
        case Format.CURL:
            body = curl.body_of(text)
            if body is None:
                return refused("This command sends no JSON.", code="nothing_found")
            return automation_json.read(body)
    return refused("There is nothing here.", code="nothing_found")
