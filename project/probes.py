"""Quick looks at what the supervisor waits for: True when it answers."""

import contextlib
import json
import urllib.error
import urllib.request
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from project.embedded import postgres_server
from project.lib import env, redis_client
from project.lib.redis_version import OLDEST_TEXT, RedisVersion


def redis_answers() -> bool:
    try:
        redis_client.impatient_client().ping()
    except redis.RedisError:
        return False
    return True


def broker_answers() -> bool:
    try:
        redis_client.broker().ping()
    except redis.RedisError:
        return False
    return True


def postgres_answers() -> bool:
    """Also makes the embedded one's database."""
    import psycopg

    try:
        if not env.secret("DATABASE_URL"):
            postgres_server.make_database(settings.DATABASE_URL)
        connection.ensure_connection()
        connection.close()
    except (psycopg.OperationalError, DatabaseError):
        return False
    return True


def redis_refusal() -> str | None:
    """Why Flint cannot run on the Redis that answers; None when it can, or does not say."""
    try:
        version = RedisVersion.from_info(redis_client.client().info("server"))
    except redis.ResponseError:
        return None
    if version.is_supported:
        return None
    return f"The server of REDIS_URL is {version}; Flint needs {OLDEST_TEXT} or newer."


def redis_warnings() -> list[str]:
    """What of Flint's guarantees an external Redis does not keep, as it is set."""
    expected = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    meaning = {
        "appendonly": "acknowledged events are lost when Redis restarts",
        "appendfsync": "acknowledged events of the last second can be lost with the machine",
        "maxmemory-policy": "Redis may throw away the log when memory is short",
    }
    try:
        actual: Any = redis_client.client().config_get(*expected)
    except redis.ResponseError:
        return ["WARNING Redis does not show its settings; it needs " + _settings_text(expected)]
    actual = {_text(name): _text(value) for name, value in actual.items()}
    return [
        f"WARNING Redis has {name} {actual.get(name, '?')}, not {value}: {meaning[name]}."
        for name, value in expected.items()
        if actual.get(name) != value
    ]


def missing_for_health(port: int, host: str) -> str | None:
    """None when /api/health says true, else what is missing."""
    url = f"http://{host}:{port}/api/health"
    request = urllib.request.Request(url, headers={"Host": _a_known_host()})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return None if answer.status == 200 else f"status {answer.status}"
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError, AttributeError):
            return str(json.loads(error.read())["detail"])
        return f"status {error.code}"
    except OSError as error:
        return f"the web process does not answer ({error})"


def _a_known_host() -> str:
    for name in settings.ALLOWED_HOSTS:
        if name and name != "*":
            return str(name).removeprefix(".")
    return "localhost"


def _settings_text(settings: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items()) + "."


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
