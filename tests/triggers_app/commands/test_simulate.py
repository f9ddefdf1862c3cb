"""`manage.py simulate`: scenarios in, firings out."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.menagerie import reactive

SCENARIO: dict[str, Any] = {
    "name": "one",
    "trigger": reactive("e"),
    "events": [
        {"offset_seconds": 5, "event": "e", "resource": {"prefect.resource.id": "r"}},
        {"offset_seconds": 90, "event": "e", "resource": {"prefect.resource.id": "r"}},
    ],
    "clock_advances": {"run_until_seconds": 60},
}


def simulated(path: Path, content: str) -> Any:
    path.write_text(content, encoding="utf-8")
    out = StringIO()
    call_command("simulate", str(path), stdout=out)
    return json.loads(out.getvalue())


def test_prints_the_firings_of_every_scenario(tmp_path: Path) -> None:
    printed = simulated(tmp_path / "scenarios.json", json.dumps([SCENARIO]))

    firing = {
        "at_seconds": 5.0,
        "triggering_event_index": 0,
        "triggering_labels": {},
        "child_firings": 0,
    }
    assert printed == [{"name": "one", "firings": [firing]}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read"),
        (json.dumps([SCENARIO | {"trigger": {"expect": 3}}]), "Scenario 'one'.*expect"),
        (json.dumps([{"name": "two"}]), "Scenario 'two'.*trigger"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        simulated(tmp_path / "scenarios.json", content)


def test_says_that_a_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("simulate", str(tmp_path / "none.json"))
