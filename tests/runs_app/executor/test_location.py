"""Files are executed only from folders that somebody allowed."""

from pathlib import Path

import pytest

from runs_app.domain.entrypoint import EXAMPLE, BadEntrypoint, Entrypoint
from runs_app.executor.location import locate


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "flows" / "sub").mkdir(parents=True)
    (tmp_path / "flows" / "sub" / "a.py").write_text("")
    (tmp_path / "secret.py").write_text("")
    (tmp_path / "flows" / "link.py").symlink_to(tmp_path / "secret.py")
    return tmp_path / "flows"


def test_a_file_below_its_root_is_found(root: Path) -> None:
    location = locate(Entrypoint.parse("sub/a.py:f"), flow_root=str(root), allowed=[])

    assert (location.root, location.file, location.function) == (root, root / "sub/a.py", "f")


def test_an_absolute_path_below_an_allowed_root_is_found(root: Path) -> None:
    entrypoint = Entrypoint.parse(f"{root}/sub/a.py:f")

    assert locate(entrypoint, flow_root=None, allowed=[root]).file == root / "sub/a.py"


@pytest.mark.parametrize(
    "path",
    ["../secret.py", "link.py", "/etc/passwd.py", "sub/../../secret.py", "none.py"],
)
def test_nothing_outside_or_missing_is_found(root: Path, path: str) -> None:
    with pytest.raises(BadEntrypoint, match="There is no file"):
        locate(Entrypoint.parse(f"{path}:f"), flow_root=str(root), allowed=[])


def test_the_operators_folders_bound_those_of_deployments(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadEntrypoint, match="not among FLINT_FLOW_ROOTS"):
        locate(Entrypoint.parse("sub/a.py:f"), flow_root=str(tmp_path), allowed=[root])


def test_without_any_folder_nothing_is_executed() -> None:
    with pytest.raises(BadEntrypoint, match="FLINT_FLOW_ROOTS"):
        locate(Entrypoint.parse("a.py:f"), flow_root=None, allowed=[])


@pytest.mark.parametrize("text", [None, "", "a.py", "a:f", "a.py:", "a.py:1x", ":f", "a\0.py:f"])
def test_what_is_no_entrypoint_is_told(text: str | None) -> None:
    with pytest.raises(BadEntrypoint, match=EXAMPLE):
        Entrypoint.parse(text)
