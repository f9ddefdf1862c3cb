"""The walls of the house: who may import whom (pyproject.toml), and sizes."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("project", "events_app", "runs_app", "triggers_app")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def source_files() -> list[Path]:
    found = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def test_imports_keep_to_the_floors() -> None:
    lint = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_events_app_never_names_the_apps_above_it() -> None:
    named = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "events_app").rglob("*.py")
        if "triggers_app" in path.read_text() or "runs_app" in path.read_text()
    ]

    assert named == []


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text()
    functions = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert text.count("\n") <= MAX_FILE_LINES
    assert [f for f in functions if f[1] > MAX_FUNCTION_LINES] == []
