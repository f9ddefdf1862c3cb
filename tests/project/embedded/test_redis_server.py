"""The embedded server of Redis's protocol: which program, and whose data it takes over."""

import contextlib
import gzip
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import redis

from project.embedded import redis_server
from project.embedded.starting import CannotStart
from project.lib.lifeline import dies_with

OLD_LOG = Path(__file__).parents[2] / "upgrade" / "3810219" / "appendonly.aof.gz"
LOG = redis_server.LOG_SETTINGS


@pytest.fixture(autouse=True)
def bundled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLINT_REDIS_SERVER", raising=False)


@contextlib.contextmanager
def running(folder: Path, settings: Mapping[str, str] = LOG) -> Iterator[redis.Redis]:
    socket = folder / "s"
    process = subprocess.Popen(
        redis_server.redis_command(folder / "redis", socket, settings),
        stdout=subprocess.DEVNULL,
        preexec_fn=dies_with(os.getpid()),
    )
    redis_server.wait_for_redis(f"unix://{socket}", process=process)
    client = redis.Redis.from_url(f"unix://{socket}")
    try:
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(10)


def program(folder: Path, says: str) -> None:
    """A server on PATH of which only the version is asked."""
    file = folder / "redis-server"
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)


def test_the_bundled_one_is_valkey_whatever_is_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "Redis server v=8.2.1 sha=0")
    monkeypatch.setenv("PATH", str(tmp_path))

    with running(tmp_path) as client:
        assert client.info("server")["valkey_version"].startswith("9.")


def test_one_on_path_is_taken_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "Redis server v=7.0.0 sha=0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("FLINT_REDIS_SERVER", "path")

    command = redis_server.redis_command(tmp_path / "redis", tmp_path / "s")

    assert command[0] == str(tmp_path / "redis-server")


@pytest.mark.parametrize(
    ("chosen", "says", "problem"),
    [
        ("path", None, "There is no redis-server on PATH"),
        ("path", "Redis server v=6.2.14 sha=0", "is Redis 6.2.14; Flint needs Redis 7.0 or Val"),
        ("path", "something else", "does not tell its version: something else"),
        ("system", None, "FLINT_REDIS_SERVER must be bundled or path, not 'system'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, says: str | None, problem: str
) -> None:
    if says:
        program(tmp_path, says)
    monkeypatch.setenv("PATH", f"{tmp_path}:/nowhere")
    monkeypatch.setenv("FLINT_REDIS_SERVER", chosen)

    with pytest.raises(CannotStart, match=problem):
        redis_server.redis_command(tmp_path / "redis", tmp_path / "s")


@pytest.mark.parametrize(
    ("note", "remedy"),
    [
        ("8.2.1", "FLINT_REDIS_SERVER=path, with Redis 8.2.1 or newer on PATH"),
        ("99.0.0 valkey", "was written by Valkey 99.0.0"),
    ],
)
def test_data_that_it_could_not_read_is_refused_and_left_alone(
    tmp_path: Path, note: str, remedy: str
) -> None:
    (tmp_path / "redis_version").write_text(note)

    with pytest.raises(CannotStart, match=remedy):
        redis_server.redis_command(tmp_path, tmp_path / "s")

    assert (tmp_path / "redis_version").read_text() == note


def test_the_log_of_an_earlier_flint_is_taken_over(tmp_path: Path) -> None:
    data = tmp_path / "redis"
    data.mkdir()
    (data / "appendonly.aof").write_bytes(gzip.decompress(OLD_LOG.read_bytes()))
    (data / "redis_version").write_text("6.2.14")

    with running(tmp_path) as client:
        assert client.xlen("flint:log") == 51
        assert client.hget("flint:log:meta", "events") == b"94"
        client.set("written after it", 1)
    with running(tmp_path) as client:
        assert (client.xlen("flint:log"), client.get("written after it")) == (51, b"1")

    assert (data / "redis_version").read_text().endswith(" valkey")


def test_a_log_that_was_cut_short_is_taken_over_up_to_there(tmp_path: Path) -> None:
    data = tmp_path / "redis"
    data.mkdir()
    whole = gzip.decompress(OLD_LOG.read_bytes())
    (data / "appendonly.aof").write_bytes(whole[:-7])

    with running(tmp_path) as client:
        assert client.xlen("flint:log") == 51


def test_a_log_is_synced_and_nothing_of_it_is_thrown_away(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        found = client.config_get("appendonly", "appendfsync", "maxmemory-policy", "save")

    assert found == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
    }


def test_one_whose_content_may_be_lost_writes_nothing_to_disk(tmp_path: Path) -> None:
    with running(tmp_path, redis_server.VOLATILE_SETTINGS) as client:
        client.set("message", 1)

    assert list((tmp_path / "redis").iterdir()) == []
