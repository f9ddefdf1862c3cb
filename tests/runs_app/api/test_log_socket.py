"""/api/logs/out of the running product."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.events_app.api.test_socket_in import closed_with, connected
from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


def test_the_lines_of_a_run_are_told_as_they_are_written(product: Product) -> None:
    run_id = str(uuid4())
    heard: list[dict[str, Any]] = []
    with connected(product, "/api/logs/out") as socket, product.client() as client:
        socket.send(json.dumps({"type": "auth", "token": product.key}))
        assert json.loads(socket.recv(5)) == {"type": "auth_success"}
        wanted = {"flow_run_id": {"any_": [run_id]}, "level": None, "text": None}
        socket.send(json.dumps({"type": "filter", "filter": wanted}))

        def told() -> bool:
            line = {"name": "n", "level": 20, "timestamp": datetime.now(UTC).isoformat()}
            body = [line | {"message": "other"}, line | {"message": "m", "flow_run_id": run_id}]
            assert client.post("/logs/", json=body).status_code == 201
            try:
                heard.append(json.loads(socket.recv(0.5)))
            except TimeoutError:
                return False
            return True

        wait_for(told, seconds=10)

    assert (heard[0]["type"], heard[0]["log"]["message"]) == ("log", "m")
    assert heard[0]["log"]["flow_run_id"] == run_id


def test_a_bad_filter_closes_with_the_reason(product: Product) -> None:
    with connected(product, "/api/logs/out") as socket:
        socket.send(json.dumps({"type": "auth", "token": product.key}))
        socket.recv(5)
        socket.send(json.dumps({"type": "filter", "filter": {"level": {"ge_": "high"}}}))

        code, reason = closed_with(socket)

    assert code == 1002
    assert reason.startswith("Invalid filter: level.ge_: ")
