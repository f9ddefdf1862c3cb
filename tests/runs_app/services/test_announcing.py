"""Flows, deployments and work pools have their events, shaped as Prefect's."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from events_app.models.events import EventOutbox
from runs_app.models import Flow
from runs_app.services import deployments, pools
from tests.runs_app.examples import NOW, a_deployment

pytestmark = pytest.mark.django_db


def told() -> list[dict[str, Any]]:
    rows = EventOutbox.objects.order_by("pk")
    return [msgspec.json.decode(bytes(row.body)) for row in rows]


def names() -> list[str]:
    return [event["event"] for event in told()]


def test_what_is_made_is_told_once() -> None:
    first = a_deployment("served", flow="orders", pool="own")
    a_deployment("served", flow="orders", pool="own")

    assert names() == [f"prefect.{kind}.created" for kind in ("flow", "work-pool", "deployment")]
    event = told()[-1]
    flow = {
        "prefect.resource.id": f"prefect.flow.{first.flow_id}",
        "prefect.resource.name": "orders",
    }
    assert event["resource"] == {
        "prefect.resource.id": f"prefect.deployment.{first.pk}",
        "prefect.resource.name": "served",
    }
    assert event["related"] == [flow | {"prefect.resource.role": "flow"}]


def test_a_change_is_told_with_what_it_was() -> None:
    deployment = a_deployment(parameters={"a": 1})

    deployments.change(deployment.pk, {"parameters": {"a": 2}, "version": "7"}, now=NOW)

    payload = told()[-1]["payload"]
    assert (names()[-1], payload["updated_fields"]) == (
        "prefect.deployment.updated",
        ["version", "parameters"],
    )
    assert payload["updates"]["parameters"] == {"from": {"a": 1}, "to": {"a": 2}}


def test_what_changes_nothing_is_not_told() -> None:
    deployment = a_deployment(version="7", pool="own")
    before = names()

    deployments.change(deployment.pk, {"version": "7"}, now=NOW)
    deployments.set_paused(deployment.pk, False, now=NOW)
    pools.change("own", {"is_paused": False}, now=NOW)
    pools.set_paused(uuid4(), True, now=NOW)

    assert names() == before


def test_pausing_and_deleting_a_deployment_is_told() -> None:
    deployment = a_deployment()

    deployments.set_paused(deployment.pk, True, now=NOW)
    deployments.delete(deployment.pk, now=NOW)
    again = deployments.delete(deployment.pk, now=NOW)

    assert names()[-2:] == ["prefect.deployment.updated", "prefect.deployment.deleted"]
    assert told()[-2]["payload"]["updates"] == {"paused": {"from": False, "to": True}}
    assert again is False


def test_deleting_a_flow_tells_of_its_deployments() -> None:
    a_deployment("one", flow="orders")
    a_deployment("two", flow="orders")

    deployments.delete_flow(Flow.objects.get().pk, now=NOW)

    assert sorted(names()[-2:]) == ["prefect.deployment.deleted"] * 2


@pytest.mark.parametrize(("type_", "after"), [("flint", "ready"), ("process", "not-ready")])
def test_a_pool_tells_of_its_status(type_: str, after: str) -> None:
    document = pools.create("own", {"type": type_}, now=NOW)
    assert document is not None

    pools.set_paused(document["id"], True, now=NOW)
    pools.change("own", {"is_paused": False, "description": "Ours"}, now=NOW)
    pools.delete("own", now=NOW)

    whats = ("created", "paused", after, "updated", "deleted")
    assert names() == [f"prefect.work-pool.{what}" for what in whats]
    assert told()[0]["resource"]["prefect.work-pool.type"] == type_
    assert told()[3]["payload"]["updated_fields"] == ["description"]
