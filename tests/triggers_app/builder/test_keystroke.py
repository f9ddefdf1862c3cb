"""One keystroke in the builder: how many of its modules the request goes through."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

from django.test import Client

from tests.triggers_app.builder.forms import NODE, sheet

BUILDER = str(Path(__file__).parents[3] / "triggers_app" / "builder")
MOST_MODULES = 10


def test_a_keystroke_enters_few_modules(editor: Client) -> None:
    form = sheet(editor)
    form.type(f"n.{NODE}.expect", "orders")  # whatever is loaded or remembered once
    entered: set[str] = set()

    def note(frame: FrameType, what: str, _: Any) -> None:
        if what == "call" and frame.f_code.co_filename.startswith(BUILDER):
            entered.add(frame.f_code.co_filename.removeprefix(BUILDER))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        form.type(f"n.{NODE}.expect", "orders.paid")
    finally:
        sys.setprofile(before)

    assert 0 < len(entered) <= MOST_MODULES, "\n".join(sorted(entered))
