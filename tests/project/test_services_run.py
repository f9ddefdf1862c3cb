"""The services that tests run on are real, and the ones that were asked for."""

import shutil
import subprocess

import pytest
from django.db import connection

from project.lib import env, redis_client
from project.lib.redis_version import RedisVersion


@pytest.mark.django_db
def test_the_database_is_a_real_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        assert int(cursor.fetchone()[0].split(".")[0]) >= 14


def test_the_redis_is_the_bundled_one_unless_another_was_asked_for() -> None:
    version = RedisVersion.from_info(redis_client.client().info("server"))

    if env.text("FLINT_REDIS_SERVER") == "path":
        binary = shutil.which("redis-server") or ""
        shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
        assert f"v={version.number} " in shown.stdout
    else:
        assert version.product == "valkey"
