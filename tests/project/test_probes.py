"""What `up` says of a Redis that was given to it."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from project import probes
from project.lib import redis_client


@pytest.fixture
def given() -> Iterator[redis.Redis]:
    """The test run's own Redis, set back afterwards."""
    client = redis_client.client()
    names = ("appendonly", "appendfsync", "maxmemory-policy")
    before: Any = client.config_get(*names)
    yield client
    client.config_set(*[part for pair in before.items() for part in pair])


def test_a_redis_that_is_set_as_it_should_be_causes_no_warning() -> None:
    assert probes.redis_warnings() == []


@pytest.mark.parametrize(
    ("name", "value", "loss"),
    [
        ("appendonly", "no", "acknowledged events are lost when Redis restarts"),
        ("appendfsync", "everysec", "events of the last second can be lost with the machine"),
        ("maxmemory-policy", "allkeys-lru", "Redis may throw away the log"),
    ],
)
def test_every_setting_that_breaks_a_promise_is_named(
    given: redis.Redis, name: str, value: str, loss: str
) -> None:
    given.config_set(name, value)

    (warning,) = probes.redis_warnings()

    assert f"{name} {value}" in warning
    assert loss in warning


def test_a_redis_that_hides_its_settings_is_told_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admin = redis_client.client()
    admin.acl_setuser(
        "guest", enabled=True, nopass=True, categories=["+@all"], commands=["-config"]
    )
    guest = redis.Redis.from_url(settings.REDIS_URL, username="guest", password="")
    monkeypatch.setattr(redis_client, "client", lambda: guest)

    (warning,) = probes.redis_warnings()

    assert "appendonly yes, appendfsync always, maxmemory-policy noeviction" in warning
    guest.close()
    admin.acl_deluser("guest")


@pytest.mark.parametrize(
    ("info", "refusal"),
    [
        ({"redis_version": "6.2.14"}, "REDIS_URL is Redis 6.2.14; Flint needs Redis 7.0 or Valkey"),
        ({"redis_version": "7.0.15"}, None),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, None),
    ],
)
def test_a_redis_that_is_too_old_is_refused(
    monkeypatch: pytest.MonkeyPatch, info: dict[str, str], refusal: str | None
) -> None:
    class Given:
        def info(self, section: str) -> dict[str, str]:
            return info

    monkeypatch.setattr(redis_client, "client", Given)

    found = probes.redis_refusal()

    assert found is None if refusal is None else refusal in str(found)
