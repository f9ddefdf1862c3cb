"""`up` on the data directory of an earlier version: its cluster trusted everybody, and its log is
of Redis 6.2.
"""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from project.lib import datadir
from tests.system import Product, end, new_product, wait_for
from tests.upgrade.dumps import FOLDERS, old_data_directory

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("upgrade")]
FIRED = """
    SELECT count(*) FROM firing JOIN automation ON automation.id = automation_id
    WHERE automation.name = 'receive-order__automation_1'
"""


@pytest.fixture(params=FOLDERS)
def upgraded(request: pytest.FixtureRequest) -> Iterator[Product]:
    folder = Path(tempfile.mkdtemp(prefix="flint-upgrade-"))
    folder.chmod(0o711)
    product = new_product(folder)
    try:
        old_data_directory(folder, request.param)
        product.start()
        product.wait_until_ready()
        yield product
    finally:
        end(product)
        shutil.rmtree(folder, ignore_errors=True)


def test_it_starts_with_all_that_was_there_and_goes_on(upgraded: Product) -> None:
    database = datadir.database_url(upgraded.data_dir)
    with redis.Redis.from_url(datadir.redis_url(upgraded.data_dir)) as log:
        # It counts on; the entries themselves are trimmed, as all of them had been read.
        assert int(log.hget("flint:log:meta", "events") or 0) >= 94
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.partition("&password=")[0])
    upgraded.key = upgraded.manage("createapikey", "new").stdout.strip()

    with upgraded.client() as client, psycopg.connect(database, autocommit=True) as connection:
        assert len(client.post("/automations/filter", json={}).json()) == 22
        before = connection.execute(FIRED).fetchone()
        client.post("/events", json=[pinged()]).raise_for_status()
        wait_for(lambda: connection.execute(FIRED).fetchone() != before, seconds=20)


def pinged() -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "external.resource.pinged",
        "resource": {"prefect.resource.id": "my.external.resource"},
    }
