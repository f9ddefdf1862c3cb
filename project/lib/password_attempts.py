"""How often a password may be tried: 10 times in five minutes per user and address.

An attempt is counted before its password is looked at, so that attempts at the same time are
counted, too. Nobody is locked out by what others try: only the same user from the same
address is.
"""

import hashlib
import ipaddress
import logging
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import redis

from project.lib import redis_client

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 10
WINDOW_SECONDS = 300
# An IPv6 customer has at least that many bits of an address to choose from.
_IPV6_NETWORK_BITS = 64
_LONGEST_NAME = 1000
# A count whose window has ended meanwhile must not begin a new one, which would never end.
_TAKE_BACK = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end"


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One counted attempt of a user. `retry_after` is 0 where the password may be looked at."""

    user: str
    key: str
    retry_after: int


def begin(username: str, address: str) -> SignInAttempt:
    """Count an attempt, and say whether it may go on. Counts here while Redis is away."""
    user = _one_spelling(username)
    key = _key(user, address)
    try:
        with redis_client.impatient_client().pipeline() as pipe:
            # No option of EXPIRE: NX came with Redis 7, and an older one refused it silently.
            pipe.set(key, 0, ex=WINDOW_SECONDS, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
            _, count, seconds = pipe.execute()
    except redis.RedisError as error:
        logger.warning("Attempts to sign in are counted in this process only: %s", error)
        count, seconds = _meanwhile.count(key)
    return SignInAttempt(user, key, 0 if count <= MAX_ATTEMPTS else max(1, seconds))


def take_back(attempt: SignInAttempt) -> None:
    """Its password was never looked at, so it tells nobody anything."""
    _meanwhile.add(attempt.key, -1)
    try:
        redis_client.impatient_client().eval(_TAKE_BACK, 1, attempt.key)
    except redis.RedisError as error:
        logger.warning("An attempt to sign in was not taken back: %s", error)


def clear(attempt: SignInAttempt) -> None:
    """The password was right: what was tried before counts no more."""
    _meanwhile.clear(attempt.key)
    try:
        redis_client.impatient_client().delete(attempt.key)
    except redis.RedisError as error:
        logger.warning("Attempts to sign in were not forgotten: %s", error)


class Counts:
    """Counts of this process; the oldest go when there are too many."""

    def __init__(self, *, clock: Callable[[], float], at_most: int = 10_000) -> None:
        self._clock = clock
        self._at_most = at_most
        self._counts: dict[str, tuple[int, float]] = {}  # what was counted, and its end
        self._lock = threading.Lock()

    def count(self, key: str) -> tuple[int, int]:
        """How many there are with this one, and the seconds until they are forgotten."""
        with self._lock:
            now = self._clock()
            count, end = self._counts.get(key, (0, 0.0))
            if end <= now:
                self._counts.pop(key, None)
                count, end = 0, now + WINDOW_SECONDS
            self._counts[key] = (count + 1, end)
            if len(self._counts) > self._at_most:
                self._counts.pop(next(iter(self._counts)))
            return count + 1, int(end - now)

    def add(self, key: str, number: int) -> None:
        with self._lock:
            if key in self._counts:
                count, end = self._counts[key]
                self._counts[key] = (count + number, end)

    def clear(self, key: str) -> None:
        with self._lock:
            self._counts.pop(key, None)


_meanwhile = Counts(clock=time.monotonic)


def _key(user: str, address: str) -> str:
    # Hashed, as people type passwords into the wrong field.
    digest = hashlib.sha256(f"{user}\n{_network(address)}".encode()).hexdigest()
    return f"flint:sign-in:{digest}"


def _one_spelling(username: str) -> str:
    """The name that is looked up, as Django's form reads it: trimmed, and in form NFKC."""
    return unicodedata.normalize("NFKC", username[:_LONGEST_NAME].strip()).casefold()


def _network(address: str) -> str:
    try:
        network = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(network, ipaddress.IPv4Address):
        return str(network)
    if network.ipv4_mapped is not None:
        return str(network.ipv4_mapped)
    return str(ipaddress.ip_network((network, _IPV6_NETWORK_BITS), strict=False))
