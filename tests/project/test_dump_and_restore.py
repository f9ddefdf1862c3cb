"""A dump of the product, brought back: nothing twice, nothing by itself, no false silence."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from project.lib import datadir
from tests.system import Product, wait_for

pytestmark = pytest.mark.system
SILENCE = timedelta(seconds=12)


@pytest.fixture
def sql(own_product: Product) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Asks the product's database, whichever server runs there at the moment."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(datadir.database_url(own_product.data_dir)) as connection:
            return connection.execute(query).fetchall()

    yield ask


def event(name: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": "shop.1"},
    }


def automation(name: str, expect: str, action: dict[str, Any], **trigger: Any) -> dict[str, Any]:
    whole = {"posture": "Reactive", "expect": [expect], "threshold": 1, "within": 0, **trigger}
    return {"name": name, "trigger": {"type": "event", **whole}, "actions": [action]}


def set_up(client: httpx.Client) -> None:
    """An automation that starts runs, an absence, and a run that no worker takes."""
    client.post("/work_pools/", json={"name": "far", "type": "process"}).raise_for_status()
    flow = client.post("/flows/", json={"name": "pick"}).json()["id"]
    body = {"name": "pick", "flow_id": flow, "work_pool_name": "far"}
    deployment = client.post("/deployments/", json=body).json()["id"]
    acts = {"type": "run-deployment", "source": "selected", "deployment_id": deployment}
    nothing = {"type": "do-nothing"}
    silence = {"posture": "Proactive", "within": SILENCE.total_seconds()}
    for body in (
        automation("acts", "order.paid", {**acts, "parameters": {}}),
        automation("silence", "beat", nothing, **silence),
    ):
        client.post("/automations/", json=body).raise_for_status()
    client.post(f"/deployments/{deployment}/create_flow_run", json={}).raise_for_status()
    block = {"name": "b", "block_type_slug": "secret", "data": {"value": "s3cr3t"}}
    client.post("/block_documents/", json=block).raise_for_status()


def test_a_restore_goes_on_from_now_and_does_nothing_twice(
    own_product: Product, sql: Callable[[str], list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    acted = "SELECT count(*) FROM firing JOIN automation a ON a.id = automation_id"
    acted += " WHERE a.name = 'acts'"
    with own_product.client() as client:
        set_up(client)
        actions = own_product.pids()["actions"]
        os.kill(actions, signal.SIGSTOP)
        in_dump, after_dump = event("order.paid"), event("order.paid")
        client.post("/events", json=[in_dump]).raise_for_status()
        wait_for(lambda: sql(acted) == [(1,)], seconds=20)

        dumped = own_product.manage("dump", str(tmp_path / "flint.dump")).stdout

        # What the dump does not tell of: its action is carried out, and something else happens.
        os.kill(actions, signal.SIGCONT)
        client.post("/events", json=[after_dump]).raise_for_status()
        wait_for(lambda: sql("SELECT count(*) FROM flow_run") == [(3,)], seconds=30)
    refused = own_product.manage("restore", str(tmp_path / "flint.dump"), check=False)
    own_product.stop()
    (own_product.data_dir / "encryption_key").unlink()
    began = datetime.now(UTC)
    restored = own_product.manage("restore", str(tmp_path / "flint.dump")).stdout
    own_product.output.clear()
    own_product.start()
    own_product.wait_until_ready()

    assert "Wrote" in dumped and (tmp_path / "flint.dump").stat().st_mode & 0o777 == 0o600
    assert "the key is not in it" in dumped and "encryption_key" in dumped
    assert "The secrets of 1 block cannot be read" in restored
    rotated = own_product.manage("rotate_secrets")
    assert "Encrypted 0 blocks with the key" in rotated.stdout
    assert "1 block cannot be read" in rotated.stderr
    assert refused.returncode == 1 and "already running" in refused.stderr
    assert "1 action and 1 run." in restored and "Begun anew: 1 absence" in restored
    with own_product.client() as client:
        held = "SELECT state, held_for FROM action_run WHERE action->>'type' = 'run-deployment'"
        assert sql(held) == [("held", "restore")]
        assert sql("SELECT state_type, state_name FROM flow_run") == [
            ("PAUSED", "Held by a restore")
        ]
        # A client that sends once more what is recorded is told apart; what was lost comes anew.
        client.post("/events", json=[in_dump]).raise_for_status()
        client.post("/events", json=[after_dump]).raise_for_status()
        wait_for(lambda: sql(acted) == [(2,)], seconds=20)
        client.post("/brakes/held/release", json={}).raise_for_status()
        wait_for(lambda: sql("SELECT count(*) FROM flow_run") == [(3,)], seconds=20)
    silent = "SELECT fired FROM firing JOIN automation a ON a.id = automation_id"
    silent += f" WHERE a.name = 'silence' AND fired > '{began}' ORDER BY fired"
    wait_for(lambda: sql(silent) != [], seconds=30)
    assert sql(silent)[0][0] > began + SILENCE
    assert sql(acted) == [(2,)]


def test_what_is_no_dump_of_flint_is_refused_and_changes_nothing(
    own_product: Product, sql: Callable[[str], list[tuple[Any, ...]]], tmp_path: Path
) -> None:
    """Also a dump that is cut short: everything is replaced in one transaction, or nothing is."""
    whole, half = tmp_path / "whole", tmp_path / "half"
    own_product.manage("dump", str(whole))
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / "text").write_text("no dump")
    own_product.stop()

    said = {
        name: own_product.manage("restore", str(tmp_path / name), check=False).stderr
        for name in ("text", "half", "nowhere")
    }
    stopped = own_product.manage("dump", str(tmp_path / "stopped"))
    own_product.output.clear()
    own_product.start()
    own_product.wait_until_ready()

    assert "Nothing was changed: pg_restore: error: input file" in said["text"]
    assert "Nothing was changed" in said["half"]
    assert "There is no file" in said["nowhere"]
    assert (tmp_path / "stopped").stat().st_size > 10_000 and "Wrote" in stopped.stdout
    assert sql("SELECT count(*) FROM api_key") == [(1,)]
