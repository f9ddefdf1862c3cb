"""One name for one thing: a public class name stands for one class, and is a word of the field."""

import ast
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("project", "accounts_app", "events_app", "runs_app", "triggers_app", "demo")
# An event, a firing and a draft are rows of a table, and what the row is made from; the pure
# language may not import the states of runs_app.
BOTH = {"Event", "Firing", "Draft", "StateType"}
RIDDLES = {"Told", "Shown", "Occasion", "Remembered", "Sieve", "Moment", "Facts", "Found", "Look"}


def classes() -> dict[str, list[str]]:
    listed = subprocess.run(
        ["git", "ls-files", *(f"{app}/*.py" for app in APPS)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    found: dict[str, list[str]] = defaultdict(list)
    for path in listed:
        if "/migrations/" in path:
            continue
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
