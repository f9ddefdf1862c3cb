"""An environment that holds nothing but a release of Prefect, made once and kept.

It lies in the user's cache folder: `$XDG_CACHE_HOME` or `~/.cache`, below it
`flint/prefect-<release>`.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

RELEASE = os.environ.get("PREFECT", "3.9.1")
MAKING_SECONDS = 900
# Releases before this know no handshake when they send events (docs/prefect.md).
HANDSHAKE_SINCE = (3, 7)
# What pip says when it reaches no index.
_UNREACHABLE = (
    "NewConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "Max retries exceeded",
)


class Unreachable(Exception):
    """There is no such environment, and no package index to make it from."""


def knows_handshake(release: str = RELEASE) -> bool:
    major, minor, *_ = release.split(".")
    return (int(major), int(minor)) >= HANDSHAKE_SINCE


def python(release: str = RELEASE) -> Path:
    """The interpreter of the environment. Raises Unreachable.

    The first to come makes it; whoever comes meanwhile waits.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flint"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"prefect-{release}"
    with (cache / f"prefect-{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _works(folder / "bin/python"):
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder, release)
            (folder / "complete").touch()
    return folder / "bin/python"


def _works(interpreter: Path) -> bool:
    """Also False where the Python that it was made with is gone."""
    if not (interpreter.parent.parent / "complete").exists():
        return False
    asked = subprocess.run([interpreter, "-c", ""], capture_output=True, check=False)
    return asked.returncode == 0


def _make(folder: Path, release: str) -> None:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=_environment())
    install = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-input"]
    done = subprocess.run(
        # 3.4 imports importlib_metadata without asking for it.
        [*install, "--disable-pip-version-check", f"prefect=={release}", "importlib_metadata"],
        capture_output=True,
        text=True,
        check=False,
        timeout=MAKING_SECONDS,
        env=_environment(),
    )
    if done.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if any(sign in done.stderr for sign in _UNREACHABLE):
        raise Unreachable(done.stderr.strip().splitlines()[-1])
    raise AssertionError(f"Could not install prefect=={release}: {done.stderr}")


def _environment() -> dict[str, str]:
    """Compiled at once, whatever the image says: each flow run starts a Python anew."""
    without = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in without}
