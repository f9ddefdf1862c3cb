"""As whom flows run.

Where Flint runs as root, flows run as a user of their own (FLINT_FLOW_USER), which is made when
it is missing. That user must be able to read the interpreter and the flow's root; where it
cannot, flows run as before, and the reason stays to be seen with the command that helps.

Without root there is no other user to run as.
"""

import functools
import os
import pwd
import stat
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from project.lib.child_environment import bare_environment
from project.lib.identity import Identity, identity_of

ROOT = "root"
HOMES = Path("/var/lib")
_REMEMBERED_SECONDS = 60
# Exits with 3 after naming the first of its arguments that cannot be read.
_PROBE = """
import os, sys
for path in sys.argv[1:]:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        print(path)
        sys.exit(3)
"""


@dataclass(frozen=True, slots=True)
class Confinement:
    """`user` is whom a flow runs as, None is whoever Flint runs as; `warning` says why it is."""

    user: str | None = None
    warning: str | None = None

    @property
    def identity(self) -> Identity:
        return identity_of(self.user)


def applies(user: str) -> bool:
    """Whether flows can, and shall, run as another user than Flint."""
    return os.geteuid() == 0 and user != ROOT


def confinement(user: str, root: Path | None = None, *, makes_user: bool = True) -> Confinement:
    """How a flow of this root is confined; of any root with None. Remembered for a minute."""
    if not applies(user):
        return Confinement()
    minute = int(time.monotonic() // _REMEMBERED_SECONDS)
    return _confinement(user, root, makes_user, minute)


@functools.lru_cache(maxsize=128)
def _confinement(user: str, root: Path | None, makes_user: bool, minute: int) -> Confinement:
    try:
        _require_user(user, makes_user)
    except (OSError, subprocess.SubprocessError) as error:
        return _as_before(
            f"there is no user {user} ({error}). Make it with `{' '.join(_useradd(user))}`, or "
            "name another in FLINT_FLOW_USER."
        )
    closed = _first_closed(user, interpreter_paths())
    if closed is None and root is not None:
        closed = _first_closed(user, [root])
    if closed is None:
        return Confinement(user)
    return _as_before(f"the user {user} cannot read {closed}. {_remedy(closed, user)}")


def _as_before(reason: str) -> Confinement:
    return Confinement(warning=f"Flows run as root: {reason}")


def interpreter_paths() -> list[Path]:
    """What every flow's process has to read."""
    here = Path(__file__).resolve()
    return [
        Path(sys.executable),
        Path(os.__file__),
        Path(sysconfig.get_path("purelib")),
        here.with_name("runner.py"),
        here.parent.with_name("domain") / "flow_functions.py",
    ]


def _first_closed(user: str, paths: list[Path]) -> Path | None:
    """The first of these that the user cannot read, tried as that user; None if it can all."""
    as_whom = identity_of(user)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROBE, *map(str, paths)],
            user=as_whom.user,
            group=as_whom.group,
            extra_groups=as_whom.extra_groups,
            env=bare_environment(os.environ, user=user),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except PermissionError:
        return Path(sys.executable)
    if done.returncode == 0:
        return None
    return Path(done.stdout.strip() or sys.executable)


def _remedy(path: Path, user: str) -> str:
    """The command that helps: for the first folder on the way that is closed, or for the file."""
    entry = pwd.getpwnam(user)
    for written in (path, path.resolve()):
        for folder in reversed(written.absolute().parents):
            if folder.exists() and not _may(folder, entry, stat.S_IXUSR):
                return (
                    f"Its folder {folder} lets nobody pass: `chmod o+x {folder}` lets others "
                    "through (not look around), or move the installation."
                )
    last = path.resolve()
    right = "rx" if last.is_dir() else "r"
    return f"`chmod o+{right} {last}` lets it."


def _may(path: Path, entry: pwd.struct_passwd, right: int) -> bool:
    """By owner, group and others; `right` is one of the owner's."""
    stat = path.stat()
    if stat.st_uid == entry.pw_uid:
        return bool(stat.st_mode & right)
    if stat.st_gid == entry.pw_gid:
        return bool(stat.st_mode & right >> 3)
    return bool(stat.st_mode & right >> 6)


def _require_user(user: str, makes_user: bool) -> None:
    try:
        pwd.getpwnam(user)
        return
    except KeyError:
        if not makes_user:
            raise OSError("it was not made yet") from None
    done = subprocess.run(
        _useradd(user), capture_output=True, text=True, timeout=30, check=False, cwd="/"
    )
    try:
        pwd.getpwnam(user)  # another process may have made it meanwhile
    except KeyError:
        raise OSError(done.stderr.strip() or f"useradd ended with {done.returncode}") from None


def _useradd(user: str) -> list[str]:
    options = ["--system", "--user-group", "--create-home", "--home-dir", str(HOMES / user)]
    return ["useradd", *options, "--shell", "/usr/sbin/nologin", user]
