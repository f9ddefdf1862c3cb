"""A deployment's limit: a run takes its slot before it starts, and gives it back when it ends."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runs_app.domain.states import Proposal, StateType
from runs_app.models import ConcurrencyLimit, Deployment, FlowRun, SlotLease
from runs_app.services import claiming, deployments, orchestrating
from tests.runs_app.examples import NOW, a_deployment, a_run
from tests.runs_app.services.test_races import at_once

pytestmark = pytest.mark.django_db
LEASE = "deployment_concurrency_lease_id"


def limited(limit: int | None = 1, *, pool: str | None = None, **options: Any) -> Deployment:
    found = {"collision_strategy": "ENQUEUE", **options} if options else None
    return a_deployment(concurrency_limit=limit, concurrency_options=found, pool=pool)


def to(run_id: UUID, kind: StateType, *, seconds: float = 0, **fields: Any) -> Any:
    proposal = Proposal(type=kind, **fields)
    return orchestrating.set_state(run_id, proposal, now=NOW + timedelta(seconds=seconds))


def test_a_second_run_waits_until_the_first_has_ended() -> None:
    deployment = limited()
    first, second = a_run(deployment), a_run(deployment)

    assert to(first, StateType.PENDING).status == "ACCEPT"
    waits = to(second, StateType.PENDING)
    assert (waits.status, waits.state.name) == ("REJECT", "AwaitingConcurrencySlot")
    assert waits.state.scheduled_time == NOW + timedelta(seconds=30)
    to(first, StateType.RUNNING)
    to(first, StateType.COMPLETED)

    assert not SlotLease.objects.exists()
    assert to(second, StateType.PENDING).status == "ACCEPT"


def test_a_new_run_is_cancelled_where_the_deployment_says_so() -> None:
    deployment = limited(collision_strategy="CANCEL_NEW")
    to(a_run(deployment), StateType.PENDING)

    refused = to(a_run(deployment), StateType.PENDING)

    assert (refused.status, refused.state.type) == ("REJECT", StateType.CANCELLED)
    assert refused.state.message == "Deployment concurrency limit reached."


def test_the_lease_goes_from_state_to_state_whatever_a_client_sends() -> None:
    run_id = a_run(limited())
    pending = to(run_id, StateType.PENDING).state
    submitting = to(run_id, StateType.PENDING, name="Submitting", details={LEASE: None}).state
    running = to(run_id, StateType.RUNNING, seconds=9).state

    lease = SlotLease.objects.get()
    assert {each.details[LEASE] for each in (pending, submitting, running)} == {str(lease.pk)}
    assert lease.holder_id == run_id and lease.expires == NOW + timedelta(seconds=309)
    assert to(run_id, StateType.FAILED).state.details.get(LEASE) is None


def test_who_is_killed_loses_the_slot_when_nobody_renews_it() -> None:
    deployment = limited(grace_period_seconds=60)
    killed = a_run(deployment)
    to(killed, StateType.PENDING)

    assert to(a_run(deployment), StateType.PENDING, seconds=59).status == "REJECT"
    assert to(a_run(deployment), StateType.PENDING, seconds=61).status == "ACCEPT"
    assert to(killed, StateType.RUNNING, seconds=62).state.name == "AwaitingConcurrencySlot"


def test_a_run_that_tries_again_in_its_process_keeps_its_slot() -> None:
    deployment = limited()
    run_id = a_run(deployment)
    FlowRun.objects.filter(pk=run_id).update(empirical_policy={"retries": 1})
    to(run_id, StateType.PENDING)
    to(run_id, StateType.RUNNING)

    retry = to(run_id, StateType.FAILED).state

    assert retry.name == "AwaitingRetry" and retry.details[LEASE]
    assert to(a_run(deployment), StateType.PENDING).status == "REJECT"
    assert to(run_id, StateType.RUNNING).state.details[LEASE] == retry.details[LEASE]
    assert SlotLease.objects.count() == 1


def test_the_limit_follows_its_deployment() -> None:
    deployment = limited(2)
    name = f"deployment:{deployment.pk}"
    assert ConcurrencyLimit.objects.get(name=name).limit == 2

    deployments.change(deployment.pk, {"concurrency_limit": 3}, now=NOW)
    assert ConcurrencyLimit.objects.get(name=name).limit == 3
    deployments.change(deployment.pk, {"concurrency_limit": None}, now=NOW)
    assert not ConcurrencyLimit.objects.exists()
    deployments.change(deployment.pk, {"concurrency_limit": 1}, now=NOW)
    deployments.delete(deployment.pk, now=NOW)
    assert not ConcurrencyLimit.objects.exists()


def test_a_limit_of_nothing_lets_nothing_start() -> None:
    assert to(a_run(limited(0)), StateType.PENDING).status == "ABORT"


def test_flints_own_executors_keep_to_it_and_a_crash_gives_the_slot_back() -> None:
    deployment = limited(pool="default")
    first, second = a_run(deployment), a_run(deployment)

    assert claiming.claim_next("one", now=NOW)
    assert claiming.claim_next("two", now=NOW) is None
    FlowRun.objects.exclude(executor=None).update(executor_seen=NOW - timedelta(hours=1))
    claiming.crash_lost(now=NOW, unseen_seconds=0)

    names = set(FlowRun.objects.filter(pk__in=(first, second)).values_list("state_name", flat=True))
    assert names == {"Crashed", "AwaitingConcurrencySlot"}
    assert not SlotLease.objects.exists()
    assert claiming.claim_next("two", now=NOW + timedelta(seconds=31))


@pytest.mark.django_db(transaction=True)
def test_however_many_start_at_once_the_limit_holds() -> None:
    deployment = limited(2)
    runs = [a_run(deployment) for _ in range(8)]

    results = at_once(lambda number: to(runs[number], StateType.PENDING).status, 8)

    assert sorted(results) == ["ACCEPT"] * 2 + ["REJECT"] * 6
