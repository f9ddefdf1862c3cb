"""Where an installation keeps its files, and where its embedded services listen."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path


def socket_dir(data_dir: Path) -> Path:
    """The folder of the embedded services' sockets.

    It lies under the temporary folder because a unix socket's path may have at most
    107 bytes; its name is derived from the data directory so that every command finds it.
    """
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"flint-{digest}"


def database_url(data_dir: Path) -> str:
    return f"postgresql:///flint?host={socket_dir(data_dir)}&user=postgres"


def redis_url(data_dir: Path) -> str:
    return f"unix://{socket_dir(data_dir)}/redis.sock"


def secret_key(data_dir: Path) -> str:
    """The installation's own signing key, made on first use; readable by its owner only."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two processes that start at once, one writes and the other reads.
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii")
