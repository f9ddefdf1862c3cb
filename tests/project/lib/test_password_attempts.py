"""How often a password may be tried: counted first, per user and address, whatever the spelling."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from project.lib import password_attempts, redis_client
from project.lib.password_attempts import MAX_ATTEMPTS, WINDOW_SECONDS, Counts, begin

HERE = "192.0.2.7"


@pytest.fixture(autouse=True)
def nothing_counted_before() -> Iterator[None]:
    yield
    for key in redis_client.client().keys("flint:sign-in:*"):
        redis_client.client().delete(key)


def allowed(user: str, address: str) -> bool:
    return begin(user, address).retry_after == 0


def test_attempts_at_the_same_time_are_counted_before_any_is_judged() -> None:
    with ThreadPoolExecutor(24) as pool:
        allowed_ones = list(pool.map(lambda _: allowed("ada", HERE), range(24)))

    assert sum(allowed_ones) == MAX_ATTEMPTS


def test_a_refusal_says_how_long_it_lasts_and_does_not_make_it_longer() -> None:
    for _ in range(MAX_ATTEMPTS):
        begin("ada", HERE)

    attempt = begin("ada", HERE)

    assert 0 < attempt.retry_after <= WINDOW_SECONDS
    assert redis_client.client().ttl(attempt.key) <= WINDOW_SECONDS


@pytest.mark.parametrize(
    ("user", "address"),
    [
        (" ada ", HERE),
        ("ADA", HERE),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}da", HERE),
        ("ada", f"::ffff:{HERE}"),
    ],
    ids=["spaces", "case", "wide", "mapped"],
)
def test_another_spelling_is_the_same_user_and_address(user: str, address: str) -> None:
    for _ in range(MAX_ATTEMPTS):
        begin("ada", HERE)

    assert not allowed(user, address)


def test_a_network_of_ipv6_is_one_address() -> None:
    for host in range(MAX_ATTEMPTS):
        begin("ada", f"2001:db8::{host:x}")

    assert not allowed("ada", "2001:db8::ffff")
    assert allowed("ada", "2001:db8:0:1::1")


@pytest.mark.parametrize(("user", "address"), [("bob", HERE), ("ada", "192.0.2.8"), ("", "")])
def test_nobody_else_is_locked_out(user: str, address: str) -> None:
    for _ in range(MAX_ATTEMPTS + 5):
        begin("ada", HERE)

    assert allowed(user, address)


def test_what_was_taken_back_was_no_attempt() -> None:
    for _ in range(3 * MAX_ATTEMPTS):
        password_attempts.take_back(begin("ada", HERE))

    assert allowed("ada", HERE)


def test_taking_back_after_the_window_leaves_no_count_without_an_end() -> None:
    attempt = begin("ada", HERE)
    redis_client.client().delete(attempt.key)

    password_attempts.take_back(attempt)

    assert not redis_client.client().exists(attempt.key)


def test_while_redis_is_away_this_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis(unix_socket_path="/nonexistent/redis.sock", retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(redis_client, "impatient_client", lambda: away)
    monkeypatch.setattr(password_attempts, "_meanwhile", Counts(clock=lambda: 0.0))

    allowed_ones = [allowed("ada", HERE) for _ in range(MAX_ATTEMPTS + 2)]

    assert sum(allowed_ones) == MAX_ATTEMPTS
    assert allowed("bob", HERE)


def test_counts_of_a_process_end_and_stay_few() -> None:
    now = [0.0]
    counts = Counts(clock=lambda: now[0], at_most=3)
    for name in "abcd":
        counts.count(name)
    assert counts.count("d") == (2, WINDOW_SECONDS)

    now[0] = WINDOW_SECONDS + 1.0

    assert counts.count("d") == (1, WINDOW_SECONDS)
    assert len(counts._counts) <= 3
