"""Where an installation keeps its files, and where its embedded services listen."""

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from project.lib import env

BASE_DIR = Path(__file__).resolve().parents[2]
ENCRYPTION_KEY = "encryption_key"


def data_dir() -> Path:
    """FLINT_DATA_DIR, `var` beside manage.py by default."""
    return BASE_DIR / env.text("FLINT_DATA_DIR", "var")


def log_url() -> str:
    """Where the event log is: REDIS_URL, else Flint's own server."""
    return env.secret("REDIS_URL") or redis_url(data_dir())


class Untrusted(Exception):
    """Somebody else made the folder of the sockets; the message says what to do."""


def socket_dir(data_dir: Path) -> Path:
    """The folder of the embedded services' sockets.

    It lies under the temporary folder because a unix socket's path may have at most
    107 bytes; its name is derived from the data directory so that every command finds it.
    So others can find it too, or make it first: whoever connects trusts only its owner.
    """
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"flint-{digest}"
    with contextlib.suppress(FileNotFoundError):
        if folder.lstat().st_uid not in _trusted(data_dir):
            raise Untrusted(f"{folder} was made by another user. Remove it, or set TMPDIR.")
    return folder


def make_socket_dir(data_dir: Path) -> Path:
    """A fresh folder, for this user only."""
    folder = socket_dir(data_dir)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def postgres_socket_dir(data_dir: Path) -> Path:
    return socket_dir(data_dir) / "postgres"


def redis_socket(data_dir: Path) -> Path:
    return socket_dir(data_dir) / "redis.sock"


def broker_socket(data_dir: Path) -> Path:
    return socket_dir(data_dir) / "broker.sock"


def _trusted(data_dir: Path) -> set[int]:
    """Root, this user, and whose installation it is."""
    owners = {0, os.geteuid()}
    with contextlib.suppress(FileNotFoundError):
        owners.add(data_dir.stat().st_uid)
    return owners


def database_url(data_dir: Path) -> str:
    password = postgres_password(data_dir)
    sockets = postgres_socket_dir(data_dir)
    return f"postgresql:///flint?host={sockets}&user=postgres&password={password}"


def redis_url(data_dir: Path) -> str:
    return f"unix://{redis_socket(data_dir)}"


def broker_url(data_dir: Path) -> str:
    return f"unix://{broker_socket(data_dir)}"


def secret_key(data_dir: Path) -> str:
    """The installation's own signing key, made on first use; readable by its owner only."""
    return _secret(data_dir / "secret_key", 50)


def postgres_password(data_dir: Path) -> str:
    """Of the embedded PostgreSQL, made on first use; readable by its owner only."""
    return _secret(data_dir / "postgres_password", 32)


def encryption_key(data_dir: Path) -> str:
    """What secrets at rest are encrypted with, made on first use; readable by its owner only."""
    return _secret(data_dir / ENCRYPTION_KEY, 32)


def _secret(path: Path, size_bytes: int) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Linked into its place when whole: of two processes that start at once, one wins and
        # both read the same.
        new = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(size_bytes))
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path.read_text(encoding="ascii")
