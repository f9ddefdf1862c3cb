"""The words about each rule on the page are those of docs/lint.md, and every code has some."""

import re
from pathlib import Path

import pytest

from triggers_app.automation.lint import registry as catalogue
from triggers_app.automation.lint.rules import RULES

DOCUMENT = " ".join(Path("docs/lint.md").read_text().split())
SOURCES = [
    path.read_text()
    for path in Path(catalogue.__file__).parent.glob("*.py")
    if path.stem != "rules"
]
CODES = sorted(set(re.findall(r'"(L\d\d)"', " ".join(SOURCES))))


def test_every_code_that_is_given_is_explained() -> None:
    assert sorted(RULES) == CODES


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_page_says_what_the_document_says(code: str) -> None:
    assert f"### {code} {RULES[code].title} — " in DOCUMENT
    assert RULES[code].why in DOCUMENT
