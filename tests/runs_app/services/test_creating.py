"""Making flow runs in batches."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.models import FlowRun, FlowRunState
from tests.runs_app.examples import NOW, SCHEMA, a_deployment, a_run, create, run_events

pytestmark = pytest.mark.django_db


def test_a_run_is_scheduled_for_now_with_its_state_and_its_event() -> None:
    run_id = a_run(a_deployment(tags=["t1"], version="v7"))

    run = FlowRun.objects.get(pk=run_id)
    state = FlowRunState.objects.get(flow_run=run)
    [event] = run_events()
    assert (run.state_type, run.state_id, run.expected_start_time) == ("SCHEDULED", state.pk, NOW)
    assert (run.next_scheduled_start_time, run.tags, run.deployment_version) == (NOW, ["t1"], "v7")
    assert event.event_id == state.pk
    assert b'"event":"prefect.flow-run.Scheduled"' in bytes(event.body)


def test_parameters_overlay_those_of_the_deployment() -> None:
    deployment = a_deployment(parameters={"a": 1, "b": 1})

    run_id = a_run(deployment, parameters={"b": 2})

    assert FlowRun.objects.get(pk=run_id).parameters == {"a": 1, "b": 2}


def test_a_name_of_two_words_is_made_up() -> None:
    run_id = a_run(a_deployment())

    assert len(FlowRun.objects.get(pk=run_id).name.split("-")) == 2


def test_a_later_time_is_kept() -> None:
    later = NOW + timedelta(hours=1)

    run = FlowRun.objects.get(pk=a_run(a_deployment(), scheduled_time=later))

    assert (run.next_scheduled_start_time, run.expected_start_time) == (later, later)


def test_the_same_key_gives_the_same_run() -> None:
    deployment = a_deployment()
    request = NewFlowRun(deployment_id=deployment.pk, idempotency_key="k")

    (first, twin) = create(request, request)
    (again,) = create(request)

    assert isinstance(first, Created) and isinstance(twin, Created) and isinstance(again, Created)
    assert (first.existed, twin.existed, again.existed) == (False, True, True)
    assert first.flow_run_id == twin.flow_run_id == again.flow_run_id
    assert (FlowRun.objects.count(), len(run_events())) == (1, 1)


def test_an_unknown_deployment_is_refused_and_the_others_are_made() -> None:
    deployment = a_deployment()

    outcomes = create(NewFlowRun(deployment_id=uuid4()), NewFlowRun(deployment_id=deployment.pk))

    assert outcomes[0] == Refused("Deployment not found", "missing")
    assert isinstance(outcomes[1], Created)


def test_parameters_that_do_not_fit_are_refused_in_the_words_of_prefect() -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)

    (outcome,) = create(NewFlowRun(deployment_id=deployment.pk, parameters={"count": "abc"}))

    assert isinstance(outcome, Refused)
    assert outcome.reason == (
        "Error creating flow run: Validation failed for field 'count'. "
        "Failure reason: 'abc' is not of type 'integer'"
    )
    assert outcome.problems[0].loc == ("count",)


def test_parameters_are_not_checked_when_the_deployment_does_not_enforce_it() -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA, enforce_parameter_schema=False)

    run_id = a_run(deployment, parameters={"count": "abc"})

    assert FlowRun.objects.get(pk=run_id).parameters == {"count": "abc"}


def test_what_an_action_has_rendered_is_converted_to_the_schema() -> None:
    deployment = a_deployment(parameter_openapi_schema=SCHEMA)

    run_id = a_run(deployment, parameters={"count": "12", "order_id": {"k": [1]}}, rendered=True)

    assert FlowRun.objects.get(pk=run_id).parameters == {"count": 12, "order_id": '{"k": [1]}'}


@pytest.mark.parametrize("bad", ["a\0b", float("nan"), "\ud800"], ids=["nul", "nan", "surrogate"])
def test_what_cannot_be_stored_is_refused_with_its_place(bad: object) -> None:
    deployment = a_deployment()

    (outcome,) = create(NewFlowRun(deployment_id=deployment.pk, parameters={"p": [bad]}))

    assert isinstance(outcome, Refused)
    assert (outcome.kind, outcome.problems[0].loc) == ("unstorable", ("parameters", "p", 0))


@pytest.mark.parametrize("many", [1, 40])
def test_the_number_of_queries_does_not_grow(many: int) -> None:
    deployments = [a_deployment(f"d{n}", pool="flint") for n in range(3)]
    a_run(deployments[0], idempotency_key="k0")
    requests = [
        NewFlowRun(deployment_id=deployments[n % 3].pk, idempotency_key=f"k{n}")
        for n in range(many + 1)
    ]

    with CaptureQueriesContext(connection) as queries:
        create(*requests)

    # two savepoints (the caller's is one), 2 locks, deployments, existing runs, states, outbox,
    # runs, two releases
    assert len(queries) == 11
