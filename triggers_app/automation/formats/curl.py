"""An automation as the curl command that creates it through the API."""

import json
import re
from itertools import islice

from project.lib.json_documents import Document
from triggers_app.automation.formats.checking import without_ids
from triggers_app.automation.formats.json.automation import read as read_json
from triggers_app.automation.formats.reading import Reading, Writing, refused
from triggers_app.automation.formats.text_format import Sign, TextFormat

_OPENING = re.compile(r"<<-?[ \t]*(['\"]?)(\w{1,64})\1[^\n]*\n")
_ADDRESS = '"${PREFECT_API_URL%/}/automations/"'  # whether it ends in a slash or not


def write(document: Document, *, api_url: str | None = None) -> Writing:
    """For a POSIX shell. It says everything, but for the key and, unless given, the address.

    They are the shell's own variables FLINT_API_KEY and PREFECT_API_URL.
    """
    body = json.loads(json.dumps(document))
    without_ids(body.get("trigger"))
    # A quoted here-document: the shell changes nothing in it. JSON has no line that is just JSON.
    address = _quoted(api_url.rstrip("/") + "/automations/") if api_url else _ADDRESS
    lines = [
        f"curl --fail-with-body -X POST {address} \\",
        '  -H "Authorization: Bearer $FLINT_API_KEY" \\',
        "  -H 'Content-Type: application/json' \\",
        "  --data-binary @- <<'JSON'",
        json.dumps(body, indent=2, ensure_ascii=False),
        "JSON",
    ]
    return Writing("\n".join(lines) + "\n")


def body_of(text: str) -> str | None:
    """The JSON that a pasted curl command sends; None where it is not found."""
    here = _here_document(text)
    if here is not None:
        return here
    flag = r"(?:--data(?:-raw|-binary|-ascii)?|--json|-d)[\s=]+"
    single = re.search(flag + r"'((?:[^']|'\\'')*)'", text)
    if single:
        return single.group(1).replace("'\\''", "'")
    double = re.search(flag + r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return re.sub(r'\\(["\\$`])', r"\1", double.group(1)) if double else None


def read(text: str) -> Reading:
    """The automation in the JSON that the command sends."""
    body = body_of(text)
    if body is None:
        return refused("This command sends no JSON.", code="nothing_found")
    return read_json(body)


FORMAT = TextFormat(
    word="curl",
    editor_mode="sh",
    read=read,
    write=write,
    signs=(Sign(10, r"^[ \t]*(?:\$[ \t]*)?curl\s", "It begins with `curl`."),),
)


def _here_document(text: str) -> str | None:
    """What stands between `<<WORD` and a line of this word alone."""
    # A command has one; each of very many would be looked for to the end of the text.
    for opening in islice(_OPENING.finditer(text), 20):
        closing = re.compile(rf"^{opening[2]}[ \t\r]*$", re.MULTILINE).search(text, opening.end())
        if closing is not None:
            return text[opening.end() : closing.start()].removesuffix("\n")
    return None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
