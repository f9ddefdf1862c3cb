"""`manage.py up`: one command, everything real, nothing left behind."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.system import PASSWORD, Product, is_alive, new_product, wait_for

pytestmark = pytest.mark.system
SERVICES = {"postgres", "redis", "broker"}
OWN = {"web", "recorder", "evaluator", "actions", "runs", "beat"}
CHILDREN = OWN | SERVICES | {"nursery"}


def all_gone(pids: dict[str, int]) -> bool:
    return not any(is_alive(pid) for pid in pids.values())


def test_the_ready_line_tells_address_sign_in_and_client_settings(product: Product) -> None:
    assert f"Flint is ready: {product.url}" in product.log
    assert "Sign in as admin" in product.log
    assert f"export PREFECT_API_URL={product.url}/api" in product.log
    assert "export PREFECT_API_AUTH_STRING=" in product.log


def test_every_process_runs(product: Product) -> None:
    assert set(product.pids()) == CHILDREN


def test_given_secrets_are_neither_printed_nor_kept(product: Product) -> None:
    assert product.key not in product.log
    assert PASSWORD not in product.log
    assert not (product.data_dir / "credentials").exists()


def test_health_is_open_and_the_api_needs_the_key(product: Product) -> None:
    assert httpx.get(f"{product.url}/api/health").json() is True
    assert httpx.get(f"{product.url}/api/ready").json() == {"message": "OK"}
    assert httpx.get(f"{product.url}/api/admin/version").status_code == 401
    with product.client() as client:
        assert client.get("/admin/version").json() == "3.9.1"


def test_a_new_key_is_good_at_once(product: Product) -> None:
    key = product.manage("createapikey", "fresh", "--role", "viewer").stdout.strip()

    answer = httpx.get(
        f"{product.url}/api/admin/version", headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 200


def test_a_second_up_on_the_same_folder_says_so(product: Product) -> None:
    second = product.manage("up", check=False)

    assert second.returncode == 1
    assert "already running" in second.stdout
    assert product.is_healthy()


def test_a_port_in_use_is_told_and_nothing_is_started(tmp_path: Path) -> None:
    product = new_product(tmp_path)
    with socket.create_server(("127.0.0.1", product.port)):
        failed = product.manage("up", check=False)

    assert failed.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{product.port}" in failed.stdout
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="Ctrl-C", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, id="SIGTERM"),
    ],
)
def test_it_stops_cleanly_within_ten_seconds(own_product: Product, number: int) -> None:
    pids = own_product.pids()
    began = time.monotonic()

    code = own_product.stop(number)

    assert (code, time.monotonic() - began < 10) == (0, True)
    assert all_gone(pids)


def test_the_first_start_shows_its_pages(own_product: Product) -> None:
    """With the static files that were collected while the processes were loading."""
    page = httpx.get(f"{own_product.url}/sign-in/")

    assert page.status_code == 200
    sheet = re.search(r'href="(/static/[^"]+\.css)"', page.text)
    assert sheet and httpx.get(own_product.url + sheet[1]).status_code == 200


@pytest.mark.parametrize("hung", [("web", "recorder", "redis"), ("nursery",)], ids=", ".join)
def test_a_child_that_hangs_cannot_hold_up_the_stop(
    own_product: Product, hung: tuple[str, ...]
) -> None:
    pids = own_product.pids()
    for name in hung:
        os.kill(pids[name], signal.SIGSTOP)
    began = time.monotonic()

    own_product.stop()

    assert time.monotonic() - began < 10
    assert all_gone(pids)


def test_every_child_is_replaced_when_it_is_killed(own_product: Product) -> None:
    before = {name: own_product.kill(name) for name in sorted(OWN | SERVICES)}

    wait_for(lambda: set(own_product.pids()) == CHILDREN, seconds=20)
    wait_for(lambda: workers_answer(own_product), seconds=40, failing=lambda: own_product.log)
    own_product.wait_until_healthy()

    after = own_product.pids()
    assert not set(before.values()) & set(after.values())
    assert "recorder was killed by SIGKILL; starting it again" in own_product.log


def test_without_its_nursery_it_starts_every_process_by_itself(own_product: Product) -> None:
    own_product.kill("nursery")

    wait_for(lambda: set(own_product.pids()) == OWN | SERVICES, seconds=40)
    wait_for(lambda: workers_answer(own_product), seconds=40, failing=lambda: own_product.log)
    own_product.wait_until_healthy()

    own_product.kill("web")
    wait_for(lambda: "web" in own_product.pids(), seconds=20)
    own_product.wait_until_healthy()


def test_workers_outlive_their_services(own_product: Product) -> None:
    workers = {name: own_product.pids()[name] for name in OWN}

    for service in SERVICES:
        own_product.kill(service)
    wait_for(lambda: set(own_product.pids()) >= SERVICES, seconds=20)
    wait_for(lambda: workers_answer(own_product), seconds=40, failing=lambda: own_product.log)
    own_product.wait_until_healthy()

    assert workers.items() <= own_product.pids().items()


def workers_answer(product: Product) -> bool:
    """Whether the pools take messages again. (The readers' leases are what health looks at.)"""
    probe = """
import sys, time
from project.celery import app
from project.lib.redis_client import broker as client
queues = ["actions", "runs"]
for queue in queues:
    app.send_task("celery.backend_cleanup", queue=queue, expires=30)
end = time.monotonic() + 10
while any(client().llen(queue) for queue in queues):
    if time.monotonic() > end:
        sys.exit(1)
    time.sleep(0.1)
"""
    return product.manage("shell", "-v", "0", "-c", probe, check=False).returncode == 0


def test_nothing_outlives_a_killed_up_and_the_next_one_starts(own_product: Product) -> None:
    pids = own_product.pids()

    own_product.stop(signal.SIGKILL)
    wait_for(lambda: all_gone(pids), seconds=5, failing=lambda: str(pids))
    own_product.output.clear()
    own_product.start()

    own_product.wait_until_ready()
    with own_product.client() as client:
        assert client.get("/admin/version").status_code == 200
