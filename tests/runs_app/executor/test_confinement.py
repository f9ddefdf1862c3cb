"""As whom flows run: as root a user of their own, which reads nothing of Flint's.

What only root can do is told apart by `os.geteuid()`: without root there is no other user.
"""

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project.lib.child_environment import bare_environment
from runs_app.executor import confinement as confining
from runs_app.executor.confinement import Confinement, confinement
from runs_app.executor.environment import flow_environment
from runs_app.executor.location import Location
from runs_app.executor.process import Ended, FlowProcess, OutputLine

USER = "flint-flow"
IS_ROOT = os.geteuid() == 0
PRYING = """
import os, pathlib

def look(parent, secret):
    print("groups", os.getgroups())
    for path in (secret, f"/proc/{parent}/environ"):
        try:
            print("read", len(pathlib.Path(path).read_bytes()))
        except OSError as error:
            print("refused", type(error).__name__)
    pathlib.Path("~/kept").expanduser().write_text("x")
    print("user", os.geteuid(), os.environ.get("USER"), pathlib.Path("~").expanduser())
"""


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    confining._confinement.cache_clear()
    yield
    confining._confinement.cache_clear()


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that everybody can read, where the tests' own lies in somebody's home."""
    if not IS_ROOT or confinement(USER).user:
        return
    ours = confining.interpreter_paths()[3:]
    known = (Path("/usr/bin/python3"), Path("/usr/local/bin/python3"))
    if found := next((each for each in known if each.exists()), None):
        confining._confinement.cache_clear()
        monkeypatch.setattr(sys, "executable", str(found))
        monkeypatch.setattr(confining, "interpreter_paths", [found, *ours].copy)


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder for flows that everybody may enter; pytest's own is closed."""
    with tempfile.TemporaryDirectory(prefix="flint-flows-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "flow.py").write_text(PRYING)
        yield Path(folder)


def run(root: Path, found: Confinement, **parameters: Any) -> tuple[Ended, list[str]]:
    lines: list[OutputLine] = []
    process = FlowProcess.start(
        Location(root, root / "flow.py", "look"),
        parameters=parameters,
        environment=flow_environment(os.environ, extra={}, facts={}, user=found.user),
        memory_bytes=1 << 30,
        on_line=lines.append,
        identity=found.identity,
    )
    process.wait(30)
    ended = process.collect()
    return ended, [line.message for line in lines]


def test_a_flow_of_root_is_another_user_without_groups_and_reads_nothing_of_ours(
    interpreter: None, root: Path
) -> None:
    secret = root.with_suffix(".secret")
    secret.write_text("s")
    secret.chmod(0o600)
    found = confinement(USER, root)
    try:
        ended, lines = run(root, found, parent=os.getpid(), secret=str(secret))
    finally:
        secret.unlink()

    assert ended.outcome == "completed", (ended, lines)
    if IS_ROOT and found.user:
        entry = pwd.getpwnam(USER)
        assert lines == [
            "groups []",
            "refused PermissionError",
            "refused PermissionError",
            f"user {entry.pw_uid} {USER} {entry.pw_dir}",
        ]
    else:
        assert found.user is None
        assert bool(found.warning) == IS_ROOT
        assert lines[-1].startswith(f"user {os.geteuid()} ")


def test_a_folder_that_is_closed_is_named_with_the_command_that_helps(
    interpreter: None, root: Path
) -> None:
    inner = root / "in" / "side"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)

    closed = confinement(USER, inner)
    confining._confinement.cache_clear()
    inner.parent.chmod(stat.S_IMODE(inner.parent.stat().st_mode) | stat.S_IXOTH)
    opened = confinement(USER, inner)

    if not IS_ROOT:
        assert (closed, opened) == (Confinement(), Confinement())
        return
    assert closed.user is None
    assert closed.warning is not None
    if confinement(USER).user:  # the interpreter can be read
        assert f"`chmod o+x {inner.parent}`" in closed.warning
        assert opened == Confinement(USER)


def test_an_interpreter_in_a_closed_folder_is_named(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = root / "home"
    (closed / "bin").mkdir(parents=True)
    (closed / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    closed.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(closed / "bin" / "python"))

    found = confinement(USER)

    assert found.user is None
    if IS_ROOT:
        assert f"`chmod o+x {closed}`" in str(found.warning)


def test_what_runs_as_before_still_runs(root: Path) -> None:
    root.chmod(0o700)
    found = confinement(USER, root)

    ended, lines = run(root, found, parent=os.getpid(), secret=__file__)

    assert found.user is None
    assert ended.outcome == "completed", (ended, lines)
    assert lines[-1].startswith(f"user {os.geteuid()} ")


def test_a_user_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(confining, "_useradd", lambda user: ["false", user])

    warning = confinement("nobody-has-this-name").warning

    assert "there is no user nobody-has-this-name" in str(warning)
    assert "`false nobody-has-this-name`" in str(warning)


def test_who_only_looks_makes_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it was made"))

    warning = confinement("nobody-has-this-name", makes_user=False).warning

    assert "it was not made yet" in str(warning)


def test_root_by_name_is_a_choice() -> None:
    assert confinement("root") == Confinement()


def test_another_user_has_a_temporary_folder_of_everybody() -> None:
    shared = flow_environment({"TMPDIR": "/tmp"}, extra={}, facts={}, user="nobody")
    private = flow_environment({"TMPDIR": "/var/empty/x"}, extra={}, facts={}, user="nobody")

    assert shared["TMPDIR"] == "/tmp"
    assert "TMPDIR" not in private
    assert shared["HOME"] == bare_environment({}, user="nobody")["HOME"]
