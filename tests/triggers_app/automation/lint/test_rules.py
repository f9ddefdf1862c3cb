"""The words about each rule on the page are those of docs/lint.md, and every code has some."""

import re
from pathlib import Path

import pytest

from triggers_app.automation.lint import registry
from triggers_app.automation.lint.registry import RULES

DOCUMENT = " ".join(Path("docs/lint.md").read_text().split())
SOURCES = [path.read_text() for path in Path(registry.__file__).parent.glob("*.py")]
GIVEN = sorted(set(re.findall(r'(?:error|warning|Finding)\(\s*"(L\d\d)"', " ".join(SOURCES))))


def test_every_code_that_is_given_is_explained() -> None:
    assert sorted(RULES) == GIVEN


@pytest.mark.parametrize("code", sorted(RULES))
def test_the_page_says_what_the_document_says(code: str) -> None:
    assert f"### {code} {RULES[code].title} — " in DOCUMENT
    assert RULES[code].why in DOCUMENT
