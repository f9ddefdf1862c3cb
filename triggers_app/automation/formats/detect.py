"""Which format a pasted text is in, and why it is thought so."""

import re
from dataclasses import dataclass
from textwrap import dedent

from triggers_app.automation.formats.reading import Reading, refused
from triggers_app.automation.formats.registry import FORMATS, Format


@dataclass(frozen=True, slots=True)
class Detected:
    """`reason` is a sentence; there is no format for a text that says nothing."""

    format: Format | None
    reason: str


_SIGNS = sorted(
    ((sign, format) for format, spec in FORMATS.items() for sign in spec.signs),
    key=lambda each: each[0].order,
)


def detect(text: str) -> Detected:
    """The format by the first sign of it; a text of none of them is taken for YAML."""
    # What was copied out of a longer text is indented as a whole.
    stripped = dedent(text.removeprefix("\ufeff")).strip().removeprefix("\ufeff").lstrip()
    if not stripped:
        return Detected(None, "There is nothing here.")
    if stripped[0] in "{[":
        return _of_json(stripped)
    for sign, format in _SIGNS:
        if re.search(sign.pattern, stripped, re.MULTILINE):
            return Detected(format, sign.reason)
    return Detected(Format.YAML, "It is none of the other formats.")


def _of_json(text: str) -> Detected:
    if re.search(r"""["']?(?:trigger|actions)["']?\s*:""", text):
        return Detected(Format.JSON, f"It begins with `{text[0]}` and has a trigger.")
    if re.search(r"""["']?(?:match|expect|posture|triggers)["']?\s*:""", text):
        return Detected(Format.PREFECT_YAML, "It is a trigger alone, as JSON writes it.")
    return Detected(Format.JSON, f"It begins with `{text[0]}`.")


def read(text: str, format: Format | None = None) -> Reading:
    """A pasted text in the format that it is said or thought to be in."""
    chosen = format or detect(text).format
    if chosen is None:
        return refused("There is nothing here.", code="nothing_found")
    return chosen.spec.read(text)
