"""Who may come in: keys are looked up in a snapshot that is at most 5 s old.

The way of an event touches no database, so the keys are kept in memory: requests use the
snapshot while a thread renews it, and go on using it while the database is away.
"""

import asyncio
import base64
import binascii
import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import DatabaseError, connection

from accounts_app.models import ApiKey, Role
from accounts_app.storage import keys
from accounts_app.storage.keys import LiveKey
from project.lib.process_memory import process_memory

logger = logging.getLogger(__name__)

RENEW_AFTER = timedelta(seconds=2)  # from this age on a request starts a renewal, and waits not
EXPIRES_AFTER = timedelta(seconds=4.5)  # from this age on a request waits for the renewal
PATIENCE_SECONDS = 1.0  # how long it waits when the database does not answer
_RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.ADMIN: 2}


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """Who is asking: an API key, or a signed-in user."""

    name: str
    role: Role
    user_id: int | None = None
    key_id: int | None = None


class User(Protocol):
    """What is asked of Django's user."""

    pk: int
    is_superuser: bool
    is_staff: bool

    def get_username(self) -> str: ...


def may(identity: KeyIdentity, role: Role) -> bool:
    """Whether the identity has at least this role."""
    return _RANK[identity.role] >= _RANK[role]


def identity_of_user(user: User) -> KeyIdentity:
    """Superusers are admins, staff are editors, everyone else may look."""
    role = Role.VIEWER
    if user.is_superuser:
        role = Role.ADMIN
    elif user.is_staff:
        role = Role.EDITOR
    return KeyIdentity(user.get_username(), role, user_id=user.pk)


def authenticate(authorization: str | None, *, now: datetime) -> KeyIdentity | None:
    """Who an `Authorization` header stands for: Basic base64(admin:<key>) or Bearer <key>.

    May read the database; from async code call `authenticate_async`. Raises OperationalError
    when the keys were never read and the database is away.
    """
    return keyring().identify(_tokens(authorization), now=now)


async def authenticate_async(authorization: str | None, *, now: datetime) -> KeyIdentity | None:
    return await keyring().identify_async(_tokens(authorization), now=now)


async def authenticate_token(token: str | None, *, now: datetime) -> KeyIdentity | None:
    """Who the token of a socket's `auth` message stands for: `admin:<key>` or `<key>`."""
    return await keyring().identify_async(_either_form(token or ""), now=now)


def create_key(name: str, role: Role, now: datetime, *, key: str | None = None) -> str:
    """Make a key (or take the given one), store its digest, and return its text: only now."""
    key = key or f"flint_{secrets.token_urlsafe(32)}"
    # Of a short key of someone's own choice not even the beginning is kept.
    prefix = key[:12] if len(key) >= 32 else ""
    keys.add(name=name, prefix=prefix, digest=_digest(key), role=role, now=now)
    keyring().expire()
    return key


def all_keys() -> list[ApiKey]:
    """The live ones first. One query."""
    return keys.all_keys()


def revoke_key(key_id: int, *, now: datetime) -> bool:
    """Close the door for a key, everywhere within 5 s. False when there is no such live key."""
    revoked = keys.revoke(key_id, now=now)
    keyring().expire()
    return revoked


class Keyring:
    """The keys that open the door, as they were at most 5 s ago."""

    def __init__(self) -> None:
        self._by_digest: dict[bytes, LiveKey] = {}
        self._read_at: datetime | None = None
        self._missed_at: datetime | None = None
        self._used: dict[int, datetime] = {}
        self._renewing = threading.Lock()

    def identify(self, tokens: Sequence[str], *, now: datetime) -> KeyIdentity | None:
        if self._age(now) > EXPIRES_AFTER:
            self._renew(now)
        key = self._find(tokens, now)
        if key is None and tokens and self._may_look_again(now):
            self._renew(now)
            key = self._find(tokens, now)
        return key

    async def identify_async(self, tokens: Sequence[str], *, now: datetime) -> KeyIdentity | None:
        if self._age(now) > EXPIRES_AFTER:
            await self._renew_elsewhere(now)
        key = self._find(tokens, now)
        if key is None and tokens and self._may_look_again(now):
            await self._renew_elsewhere(now)
            key = self._find(tokens, now)
        return key

    def expire(self) -> None:
        """The next request reads the keys anew."""
        self._by_digest, self._read_at = {}, None

    def _age(self, now: datetime) -> timedelta:
        age = timedelta.max if self._read_at is None else abs(now - self._read_at)
        if RENEW_AFTER < age <= EXPIRES_AFTER and not self._renewing.locked():
            _in_a_thread(self._renew, now)
        return age

    def _find(self, tokens: Sequence[str], now: datetime) -> KeyIdentity | None:
        for token in tokens:
            # A look-up by digest takes the same time whatever the token has in common with a key.
            if key := self._by_digest.get(_digest(token)):
                self._used[key.id] = now
                return KeyIdentity(key.name, key.role, user_id=key.owner_id, key_id=key.id)
        return None

    def _may_look_again(self, now: datetime) -> bool:
        """A key may be younger than the snapshot. Guessing must not become a query per guess."""
        if self._missed_at is not None and abs(now - self._missed_at) < timedelta(seconds=0.25):
            return False
        self._missed_at = now
        return self._read_at != now

    def _renew(self, now: datetime) -> None:
        """Read the keys; keep the old ones when the database is away."""
        with self._renewing:
            if self._read_at is not None and self._read_at >= now:
                return  # another thread did while this one waited
            used, self._used = self._used, {}
            try:
                self._by_digest = {key.digest: key for key in keys.live_keys()}
                self._read_at = now
                if used:
                    keys.note_use(used)
            except DatabaseError as error:
                if self._read_at is None:
                    raise
                logger.warning("Could not read the keys, using those known: %s", error)
                self._used = used | self._used
                # Look again in half a second, not with every request.
                self._read_at = now - EXPIRES_AFTER + timedelta(seconds=0.5)

    async def _renew_elsewhere(self, now: datetime) -> None:
        renewal = asyncio.get_running_loop().run_in_executor(None, _closing(self._renew), now)
        if self._read_at is None:
            await renewal  # nothing to fall back on
        else:
            await asyncio.wait([renewal], timeout=PATIENCE_SECONDS)


@process_memory
def keyring() -> Keyring:
    """One per process, as it is a cache of the database."""
    return Keyring()


def _in_a_thread(renew: Callable[[datetime], None], now: datetime) -> None:
    threading.Thread(target=_closing(renew), args=(now,), name="keyring", daemon=True).start()


def _closing(renew: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """A thread of its own has a database connection of its own, which goes back to the pool."""

    def renew_and_close(now: datetime) -> None:
        try:
            renew(now)
        finally:
            connection.close()

    return renew_and_close


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


def _tokens(authorization: str | None) -> list[str]:
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return _either_form(value.strip())
    if scheme.lower() == "basic":
        try:
            return _either_form(base64.b64decode(value.strip(), validate=True).decode())
        except (binascii.Error, UnicodeDecodeError):
            return []
    return []


def _either_form(token: str) -> list[str]:
    """`<user>:<key>` or `<key>`; which one is only known once a key is found."""
    _, colon, rest = token.partition(":")
    return [form for form in ([rest, token] if colon else [token]) if form]
