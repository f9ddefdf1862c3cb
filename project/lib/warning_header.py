"""`Flint-Warning`: what an answer accepted and is questionable, as a header of one JSON list."""

import json
from collections.abc import Sequence

from django.http import HttpResponse

NAME = "Flint-Warning"
MAX_BYTES = 4096


def warn(response: HttpResponse, warnings: Sequence[str]) -> None:
    """Add the header; none for no warnings."""
    if warnings:
        response[NAME] = header_value(warnings)


def header_value(warnings: Sequence[str]) -> str:
    """An ASCII JSON list of sentences, at most 4 KiB; the last one counts those left out."""
    room = MAX_BYTES - 2 - len(_left_out(len(warnings)))
    values: list[str] = []
    for number, warning in enumerate(warnings):
        text = json.dumps(warning)
        room -= len(text) + 2
        if room < 0:
            values.append(_left_out(len(warnings) - number))
            break
        values.append(text)
    return f"[{', '.join(values)}]"


def _left_out(count: int) -> str:
    return json.dumps(f"{count} more warning{'' if count == 1 else 's'} left out.")
