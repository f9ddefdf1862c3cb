"""One name for one thing: a public class name stands for one class, and is a word of the field."""

import ast
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("project", "accounts_app", "events_app", "runs_app", "triggers_app", "demo")
# An event, a firing and a draft are rows of a table, and what the row is made from.
BOTH = {"Event", "Firing", "Draft"}
RIDDLES = {"Told", "Shown", "Occasion", "Remembered", "Sieve", "Moment", "Facts", "Found", "Look"}


# What is written in one place, as a piece of source, and where: everybody else imports it.
HOMES = {
    "= tuple[str | int, ...]": "project/lib/problems.py",
    "Document = dict[str, Any]": "project/lib/json_documents.py",
    'replace("\\r", "\\n")': "project/lib/line_ends.py",
    '"actions_on_trigger", "actions_on_resolve"': None,  # derived from the model
    '("compound", "sequence")': None,
    '("event", "metric")': None,
    '"FAILED", "CRASHED", "CANCELLED"': None,
    "isinstance(node, EventTrigger | MetricTrigger)": None,
}


def sources() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", *(f"{app}/*.py" for app in APPS)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [path for path in listed if "/migrations/" not in path]


def classes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for node in ast.parse((ROOT / path).read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path)
    return found


@pytest.fixture(scope="module")
def names() -> dict[str, list[str]]:
    return classes()


def test_a_public_class_has_its_name_for_itself(names: dict[str, list[str]]) -> None:
    doubled = {name: paths for name, paths in names.items() if len(paths) > 1}

    assert {name: doubled[name] for name in doubled.keys() - BOTH - {"Command"}} == {}


def test_classes_are_named_in_words_of_the_field(names: dict[str, list[str]]) -> None:
    assert {name: names[name] for name in names.keys() & RIDDLES} == {}


def test_what_has_a_home_is_not_written_anew() -> None:
    texts = {path: (ROOT / path).read_text() for path in sources()}

    found = {piece: [path for path in texts if piece in texts[path]] for piece in HOMES}

    assert found == {piece: [home] if home else [] for piece, home in HOMES.items()}
