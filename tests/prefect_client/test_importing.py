"""`manage.py import_prefect` from Prefect's own server, filled by its own client."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from project.lib.lifeline import dies_with
from tests.prefect_client.client import FLOWS
from tests.system import Product, free_port, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.system]
AUTH = "admin:there"


@dataclass(frozen=True)
class PrefectServer:
    url: str


@pytest.fixture
def server(prefect_python: Path, tmp_path: Path) -> Iterator[PrefectServer]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    process = subprocess.Popen(
        [prefect_python, "-m", "prefect", "server", "start", "--no-services", f"--port={port}"],
        env={**environment, "PREFECT_SERVER_API_AUTH_STRING": AUTH},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with(os.getpid(), by=signal.SIGTERM),
    )

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/health", auth=("admin", "there")).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_for(answers, seconds=90)
        shutil.copy(FLOWS / "filling.py", tmp_path)
        subprocess.run(
            [prefect_python, "filling.py"],
            cwd=tmp_path,
            env={**environment, "PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": AUTH},
            check=True,
            timeout=120,
        )
        yield PrefectServer(url)
    finally:
        process.terminate()
        process.wait(30)


def test_a_server_is_copied_and_copied_again(own_product: Product, server: PrefectServer) -> None:
    own_product.environment["PREFECT_API_AUTH_STRING"] = AUTH

    first = own_product.manage("import_prefect", server.url).stdout
    second = own_product.manage("import_prefect", server.url).stdout

    for name in ("shop", "shop/fast", "region", "tag:heavy", "pack/nightly"):
        assert f" {name}\n" in first, first
    assert "created   automation nightly__automation_1" in first
    assert "created" not in second and "changed  " not in second.replace("unchanged", ""), second
    with own_product.client() as api:
        deployment = api.get("/deployments/name/pack/nightly").json()
        own = api.get(f"/automations/related-to/prefect.deployment.{deployment['id']}").json()
        there = httpx.get(
            f"{server.url}/deployments/name/pack/nightly", auth=("admin", "there")
        ).json()
    assert deployment["schedules"][0]["schedule"]["cron"] == "0 2 * * *"
    assert [each["name"] for each in own] == ["nightly__automation_1"]
    same = ("id", "name", "parameters", "entrypoint", "work_pool_name", "work_queue_name", "tags")
    assert {key: deployment[key] for key in same} == {key: there[key] for key in same}
