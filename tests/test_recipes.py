"""The recipes of CONTRIBUTING.md name files that exist, and no more of them than we want."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
# How many files one has to touch.
MOST = {
    "A kind of action": 3,
    "A field of an event trigger": 7,
    "A lint rule": 2,
    "A text format": 3,
    "A page": 5,
}
NAMED_BY_FOLDER = {"reads/", "web/", "urls.py", "templates/<app>/"}


def steps(recipe: str) -> list[str]:
    section = TEXT.split(f"### {recipe}\n")[1].split("\n#")[0]
    return re.findall(r"^\d\. (.*)$", section, re.MULTILINE)


def test_every_recipe_is_counted() -> None:
    assert re.findall(r"^### (.*)$", TEXT, re.MULTILINE) == list(MOST)


@pytest.mark.parametrize("recipe", MOST)
def test_recipe_touches_few_files_and_they_exist(recipe: str) -> None:
    found = steps(recipe)

    assert 0 < len(found) <= MOST[recipe]
    for step in found:
        paths = re.findall(r"`([\w./<>]+(?:/|\.py|\.html|\.md))`", step)
        assert paths, step
        for path in paths:
            assert path in NAMED_BY_FOLDER or (ROOT / path).exists(), (recipe, path)
