"""Every link and picture of README and docs leads somewhere; this looks at files and anchors."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")])
# [text](target), ![picture](target), [text][name] with [name]: target, and src="target".
INLINE = re.compile(r"\]\(\s*<?([^()<>\s]+(?:\([^()\s]*\)[^()<>\s]*)?)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINED = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
ATTRIBUTE = re.compile(r"(?:src|href)=\"([^\"]+)\"")
CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)")
LARGEST_PICTURE = 200_000


def targets(text: str) -> Iterator[str]:
    """Where the text's links and pictures lead, without those that are shown as code."""
    prose = INLINE_CODE.sub("", CODE.sub("", text))
    for pattern in (INLINE, DEFINED, ATTRIBUTE):
        yield from pattern.findall(prose)


def anchors(text: str) -> set[str]:
    """What headings are called: words in lower case, joined by hyphens; repeats are numbered."""
    found: dict[str, int] = {}
    for heading in HEADING.findall(CODE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        if count:
            found[f"{slug}-{count}"] = 1
    return set(found)


def broken(file: Path, root: Path = ROOT) -> list[str]:
    problems = []
    for target in targets(file.read_text(encoding="utf-8")):
        if ELSEWHERE.match(target):
            continue
        path, _, anchor = target.partition("#")
        found = (file.parent / path).resolve() if path else file
        if not found.exists() or root not in (found, *found.parents):
            problems.append(f"{target}: there is no such file")
        elif anchor and found.suffix == ".md" and anchor not in anchors(found.read_text("utf-8")):
            problems.append(f"{target}: {found.name} has no such heading")
    return problems


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_somewhere(file: Path) -> None:
    assert broken(file) == []


def test_readme_shows_pictures_that_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))

    sizes = {picture: (ROOT / picture).stat().st_size for picture in pictures}

    assert len(sizes) >= 3
    assert {picture: size for picture, size in sizes.items() if size > LARGEST_PICTURE} == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](missing.md)", "missing.md: there is no such file"),
        ("![a](docs/none.png)", "docs/none.png: there is no such file"),
        ("[a]: nowhere/at.md", "nowhere/at.md: there is no such file"),
        ("[a](#not-a-heading)", "#not-a-heading: text.md has no such heading"),
        ("[up](../..)", "../..: there is no such file"),
    ],
)
def test_a_broken_one_is_found(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "text.md").write_text(f"# A heading\n\n{text}\n")

    assert broken(tmp_path / "text.md", tmp_path) == [problem]


def test_what_leads_elsewhere_or_is_code_is_left_alone(tmp_path: Path) -> None:
    text = (
        "# One `two` (three)\n\n[a](https://example.org/x#y) `[b](c.md)`\n\n```\n[d](e.md)\n```\n"
    )
    (tmp_path / "text.md").write_text(f"{text}[here](#one-two-three)\n")

    assert broken(tmp_path / "text.md", tmp_path) == []


def test_the_tests_that_the_makefile_names_are_there() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "test-redis"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    named = re.findall(r"tests/\S+", shown.stdout)

    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []
