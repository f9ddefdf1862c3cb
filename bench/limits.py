"""What this machine can do at all, with the very Redis and PostgreSQL of the measured Flint.

Each limit is one thing alone, from one client, with nothing of Flint's around it: the ceiling
for whatever is built on it. Best of three.
"""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import redis

from bench.client import Row, order_event
from project.lib import datadir
from tests.system import Product

EVENTS = 20_000
FRAME = 100
BATCH = 5_000
_STREAM = "bench:limits"
_TABLE = """
    CREATE TABLE limits (
        log_ms bigint, log_seq bigint, frame_index int, id uuid, occurred timestamptz, event text,
        resource_id text, resource jsonb, related jsonb, payload text,
        PRIMARY KEY (log_ms, log_seq, frame_index)
    );
    CREATE INDEX ON limits (id);
    CREATE INDEX ON limits (event, occurred);
    CREATE INDEX ON limits (resource_id, occurred)
"""


class _Event(msgspec.Struct):
    id: str
    occurred: str
    event: str
    resource: dict[str, str]
    related: list[dict[str, str]]
    payload: msgspec.Raw


def measure(product: Product) -> list[Row]:
    documents = [order_event("limit.created", f"shop.{n % 997}") for n in range(EVENTS)]
    frames = [
        msgspec.json.encode(documents[start : start + FRAME]) for start in range(0, EVENTS, FRAME)
    ]
    rows = [_fsync(product.data_dir), _decode(frames)]
    with redis.Redis.from_url(datadir.redis_url(product.data_dir)) as client:
        rows += _log(client, frames)
    rows.append(_copy(datadir.database_url(product.data_dir), documents))
    return rows


def _best(run: Callable[[], object]) -> float:
    """Seconds of the fastest of three."""
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        run()
        took.append(time.perf_counter() - begun)
    return min(took)


def _fsync(folder: Path, count: int = 200) -> Row:
    path = folder / "bench-fsync"

    def run() -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for _ in range(count):
            os.write(descriptor, b"x" * 4096)
            os.fdatasync(descriptor)
        os.close(descriptor)

    seconds = _best(run)
    path.unlink()
    return ("limit: fdatasync of 4 kB", seconds / count * 1000, "ms")


def _decode(frames: list[bytes]) -> Row:
    decode = msgspec.json.Decoder(list[_Event]).decode
    return ("limit: decode JSON", EVENTS / _best(lambda: [decode(f) for f in frames]), "events/s")


def _log(client: redis.Redis, frames: list[bytes]) -> list[Row]:
    def append() -> None:
        client.delete(_STREAM)
        for frame in frames:
            client.xadd(_STREAM, {"f": frame})

    def read() -> None:
        after = "-"
        while found := _entries(client, after):
            after = f"({found[-1][0].decode()}"

    appended, fetched = _best(append), _best(read)
    client.delete(_STREAM)
    return [
        ("limit: append to Redis, 100 a frame, synced", EVENTS / appended, "events/s"),
        ("limit: read from Redis, 5,000 at once", EVENTS / fetched, "events/s"),
    ]


def _entries(client: redis.Redis, after: str) -> list[Any]:
    found: list[Any] = client.xrange(_STREAM, after, "+", count=BATCH // FRAME)  # type: ignore[assignment]
    return found


def _copy(url: str, documents: list[dict[str, Any]]) -> Row:
    rows = [
        (
            number,
            0,
            0,
            uuid4(),
            document["occurred"],
            document["event"],
            document["resource"]["prefect.resource.id"],
            msgspec.json.encode(document["resource"]).decode(),
            msgspec.json.encode(document["related"]).decode(),
            msgspec.json.encode(document["payload"]).decode(),
        )
        for number, document in enumerate(documents)
    ]
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE limits")
    try:
        with psycopg.connect(url.replace("/flint?", "/limits?", 1)) as connection:
            seconds = _best(lambda: _fill(connection, rows))
    finally:
        with contextlib.closing(psycopg.connect(url, autocommit=True)) as admin:
            admin.execute("DROP DATABASE limits WITH (FORCE)")
    return ("limit: COPY into a table with 4 indexes", EVENTS / seconds, "rows/s")


def _fill(connection: "psycopg.Connection[Any]", rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("DROP TABLE IF EXISTS limits")
    connection.execute(_TABLE)
    for start in range(0, len(rows), BATCH):
        with connection.cursor() as cursor, cursor.copy("COPY limits FROM STDIN") as copy:
            for row in rows[start : start + BATCH]:
                copy.write_row(row)
        connection.commit()
