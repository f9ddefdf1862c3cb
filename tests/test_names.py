"""One name for one thing: a public class name stands for one class, and is a word of the field."""

import ast
import re
import subprocess
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("project", "accounts_app", "events_app", "runs_app", "triggers_app", "demo")
# An event, a firing and a draft are rows of a table, and what the row is made from.
BOTH = {"Event", "Firing", "Draft"}
RIDDLES = {"Told", "Shown", "Occasion", "Remembered", "Sieve", "Moment", "Facts", "Found", "Look"}
# Words that name anything and nothing. HTTP and Python say "not found"; that stays.
VAGUE = {"told", "found", "wanted", "asked", "shown", "forget", "occasion", "settle"}
NOT_FOUND = re.compile(r"not_?found", re.IGNORECASE)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


# What is written in one place, as a piece of source, and where: everybody else imports it.
HOMES = {
    "= tuple[str | int, ...]": "project/lib/problems.py",
    "Document = dict[str, Any]": "project/lib/json_documents.py",
    'replace("\\r", "\\n")': "project/lib/line_ends.py",
    '"actions_on_trigger", "actions_on_resolve"': None,  # derived from the model
    '("compound", "sequence")': None,
    "microseconds=PATIENCE_US": "triggers_app/storage/decided_firings.py",
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


def identifiers(path: str) -> set[str]:
    with (ROOT / path).open("rb") as file:
        return {
            token.string
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.NAME
        }


def is_vague(identifier: str) -> bool:
    words = WORD.findall(NOT_FOUND.sub("", identifier))
    return any(word.lower() in VAGUE for word in words)


def test_identifiers_are_words_of_the_field() -> None:
    vague = {path: {name for name in identifiers(path) if is_vague(name)} for path in sources()}

    assert {path: names for path, names in vague.items() if names} == {}


@pytest.mark.parametrize("name", ["found", "_told_words", "ToldFiring", "MOST_SHOWN", "wantedKey"])
def test_a_vague_word_is_seen_within_a_name(name: str) -> None:
    assert is_vague(name)
    assert not is_vague("FileNotFoundError")
