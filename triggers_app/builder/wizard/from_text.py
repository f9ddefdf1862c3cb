"""A text as a start: looked at first, taken when it is clear what it means."""

import re
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse

from accounts_app.web.guards import editing
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment
from project.lib.line_ends import newlines
from triggers_app.automation.formats.reading import MAX_TEXT
from triggers_app.automation.formats.registry import Format
from triggers_app.builder.source import importing
from triggers_app.builder.source.importing import ImportPreview
from triggers_app.builder.wizard.view import PAGE, REGION, context_of, opened

# UTF-8 takes at most four bytes for a character.
MAX_BYTES = 4 * MAX_TEXT
_LIST = re.compile(r"^automations\s*:", re.MULTILINE)


class _Unreadable(Exception):
    """The upload is no text; the message says what to do."""


@editing
def from_text(request: HtmxRequest) -> HttpResponse:
    """Take the text if nothing has to be said about it, or if its reader has seen what was said."""
    try:
        text = _text(request)
    except _Unreadable as refusal:
        problem_context = {"problem": str(refusal), "text": request.POST.get("text", "")}
        return invalid(request, PAGE, REGION, context_of(request, "paste", **problem_context))
    format_name = request.POST.get("format", "")
    format = Format(format_name) if format_name in set(Format) else None
    which = request.POST.get("which", "0")
    place = int(which) if which.isascii() and which.isdecimal() and len(which) < 6 else 0
    looked = importing.look(text, which=place, format=format)
    document = looked.taken({name: request.POST.get(name, "") for name in request.POST})
    if document is not None and (request.POST.get("do") == "open" or _is_plain(looked)):
        return opened(request, document, text=text if _keeps(looked, text) else "")
    pasted: dict[str, Any] = {
        "text": text, "format": format_name, "looked": looked, "options": _options(looked),
    }  # fmt: skip
    context = context_of(request, "paste", **pasted)
    if document is None:
        return invalid(request, PAGE, REGION, context)
    return page_or_fragment(request, PAGE, REGION, context)


def _text(request: HtmxRequest) -> str:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        return newlines(request.POST.get("text", ""))
    if upload.size is not None and upload.size > MAX_BYTES:
        raise _Unreadable(f"The file has {upload.size:,} bytes; at most {MAX_BYTES:,} can be read.")
    try:
        content: bytes = upload.read()
        return newlines(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,}"
        raise _Unreadable(
            f"The file is not UTF-8 text: {place} is none. Save it as UTF-8."
        ) from error


def _options(looked: ImportPreview) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen for each thing that the text names."""
    later = ("", "Choose later, in the builder")
    return {
        want.field: [later, *((str(one.id), one.words) for one in want.options)]
        for want in looked.wants
    }


def _is_plain(looked: ImportPreview) -> bool:
    """Whether there is nothing to say or to choose."""
    chosen = all(want.chosen for want in looked.wants)
    return len(looked.labels) == 1 and chosen and not (looked.losses or looked.diagnostics)


def _keeps(looked: ImportPreview, text: str) -> bool:
    """Comments live on where the text says this automation and nothing else."""
    whole = len(looked.labels) == 1 and not (looked.wants or looked.losses or looked.errors)
    in_list = text.lstrip().startswith("-") or _LIST.search(text) is not None
    return looked.format is Format.YAML and whole and not in_list
