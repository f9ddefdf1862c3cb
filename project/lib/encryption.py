"""Secrets at rest: encrypted with keys that lie beside the data, or come from outside.

`FLINT_ENCRYPTION_KEY` (or the file that `FLINT_ENCRYPTION_KEY_FILE` names) holds keys, the first of
which encrypts; without it they are the lines of `encryption_key` in the data directory. What is
encrypted begins with the fingerprint of its key, so that a missing key has a name.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from project.lib import datadir, env

VARIABLE = "FLINT_ENCRYPTION_KEY"
KEPT = 2  # the key that encrypts, and the one before it


class MissingKey(Exception):
    """What was encrypted cannot be read; the message says what is missing."""

    def __init__(self, fingerprint: str) -> None:
        key = f"The key {fingerprint}, with which it was encrypted," if fingerprint else "A key"
        super().__init__(
            f"{key} is missing on this machine. Add it to the file encryption_key of the data "
            f"directory, or to {VARIABLE}."
        )
        self.fingerprint = fingerprint


class EncryptionKeys:
    """Keys by their fingerprints; the first encrypts. Raises ValueError when one is no key.

    None at all decrypt and encrypt nothing.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._keys = {fingerprint_of(key): Fernet(_padded(key)) for key in keys}
        except ValueError:
            raise ValueError(
                f"{VARIABLE} or the file encryption_key holds something that is no key: a key "
                "is 32 random bytes in URL-safe base64."
            ) from None
        self.newest = fingerprint_of(keys[0]) if keys else ""

    @property
    def fingerprints(self) -> list[str]:
        return list(self._keys)

    def encrypt(self, text: str) -> str:
        """Raises MissingKey where there is no key at all."""
        if not self.newest:
            raise MissingKey("")
        return f"{self.newest}.{self._keys[self.newest].encrypt(text.encode()).decode()}"

    def decrypt(self, encrypted: str) -> str:
        """Raises MissingKey."""
        fingerprint, _, token = encrypted.partition(".")
        key = self._keys.get(fingerprint)
        if key is None:
            raise MissingKey(fingerprint)
        try:
            return key.decrypt(token.encode()).decode()
        except InvalidToken:
            raise MissingKey(fingerprint) from None


def keyring() -> EncryptionKeys:
    """The keys as they are now: other processes may have rotated them.

    Made on first use where the database is Flint's own. With one from outside there may be
    other machines, and each would make another: there only `make_key` does.
    """
    if given := env.secret(VARIABLE):
        return _keyring(tuple(given.replace(",", " ").split()))
    file = file_in(datadir.data_dir())
    if not file.exists():
        if env.secret("DATABASE_URL"):
            return _keyring(())
        make_key()
    state = file.stat()
    return _keyring_of(file, state.st_mtime_ns, state.st_ino)


def make_key() -> None:
    """Have a key, in the data directory unless it comes from outside."""
    if not from_outside():
        datadir.encryption_key(datadir.data_dir())


def file_in(data_dir: Path) -> Path:
    return data_dir / datadir.ENCRYPTION_KEY


def from_outside() -> bool:
    return bool(env.secret(VARIABLE))


def add_key(data_dir: Path) -> None:
    """Put a new key before the others in the file: from now on it encrypts."""
    datadir.encryption_key(data_dir)
    _write(data_dir, [Fernet.generate_key().decode(), *_read(data_dir)])


def drop_old_keys(data_dir: Path) -> None:
    """Keep the newest key and the one before it, with which somebody may still be writing."""
    _write(data_dir, _read(data_dir)[:KEPT])


def _read(data_dir: Path) -> list[str]:
    return file_in(data_dir).read_text(encoding="ascii").split()


def _write(data_dir: Path, keys: Sequence[str]) -> None:
    file = file_in(data_dir)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.writelines(f"{key}\n" for key in keys)
    new.replace(file)


def fingerprint_of(key: str) -> str:
    """What names a key without telling anything about it."""
    return hashlib.sha256(_padded(key).encode()).hexdigest()[:8]


def _padded(key: str) -> str:
    return key + "=" * (-len(key) % 4)


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> EncryptionKeys:
    return EncryptionKeys(keys)


@lru_cache(maxsize=4)
def _keyring_of(file: Path, changed_ns: int, inode: int) -> EncryptionKeys:
    return EncryptionKeys(file.read_text(encoding="ascii").split())
