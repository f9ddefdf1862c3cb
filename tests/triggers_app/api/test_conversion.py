"""What actions render is converted at every depth; what clients send is not."""

from typing import Any

import pytest

from runs_app.models import FlowRun
from tests.triggers_app.api.conftest import Call
from tests.triggers_app.delivery.examples import a_deployment, an_event, fired, run_of
from tests.triggers_app.services.test_dispatching import dispatch

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "day": {"type": "string"},
        "whole": {"type": "string"},
        "orders": {"type": "array", "items": {"$ref": "#/definitions/Order"}},
        "at": {"type": "string", "format": "date"},
    },
    "definitions": {
        "Order": {
            "type": "object",
            "properties": {
                "amount": {"anyOf": [{"type": "number"}, {"type": "null"}]},
                "code": {"type": "string"},
            },
        }
    },
}
GIVEN = {"day": 20240101, "orders": [{"amount": "12.5", "code": 7}, {"amount": None, "code": "x"}]}


def test_an_action_gives_what_the_schema_asks_for() -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)
    parameters = {
        "day": "{{ event.payload.day }}",
        "whole": "{{ event.payload }}",
        "orders": "{{ event.payload.orders }}",
    }
    fired(run_of(deployment, parameters=parameters), triggering_event=an_event(payload=GIVEN))

    dispatch()

    made = FlowRun.objects.get().parameters
    assert made["day"] == "20240101"
    assert made["whole"].startswith('{"day": 20240101')
    assert made["orders"] == [{"amount": 12.5, "code": "7"}, {"amount": None, "code": "x"}]


def test_a_time_for_a_date_is_refused_and_not_left_to_the_run() -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)
    [run] = fired(run_of(deployment, parameters={"at": "{{ event.occurred }}"}))

    dispatch()

    run.refresh_from_db()
    assert run.state == "rejected"
    assert "'2026-11-23T12:00:00Z' is not a 'date'" in str(run.reason)


@pytest.mark.parametrize("parameters", [{"day": 20240101}, GIVEN])
def test_a_client_is_told_what_does_not_fit(api: Call, parameters: dict[str, Any]) -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)

    answer = api(
        "POST", f"/deployments/{deployment.pk}/create_flow_run", {"parameters": parameters}
    )

    assert answer.status_code == 409
    assert "is not of type" in answer.json()["detail"]
    assert not FlowRun.objects.exists()
