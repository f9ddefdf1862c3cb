"""Concurrency limits and their slots. Shapes: recorded answers of Prefect 3.9.1."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from project.lib.clock import utcnow
from runs_app.models import SlotLease
from runs_app.services import concurrency
from runs_app.services.concurrency import LeaseTerms, LimitFull, SlotsHeld
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.services.test_races import at_once

V2 = "/v2/concurrency_limits"
V1 = "/concurrency_limits"
LEASE = {"slots": 1, "mode": "concurrency", "lease_duration": 300}


def limit(api: ApiClient, name: str = "db", most: int = 2, **fields: Any) -> Any:
    return api.post(V2, {"name": name, "limit": most, "active_slots": 0, **fields})


def taken(api: ApiClient, name: str = "db") -> int:
    return int(api.get(f"{V2}/{name}")["active_slots"])


def lease(api: ApiClient, *names: str, **fields: Any) -> tuple[int, Any]:
    body = {**LEASE, "names": list(names) or ["db"], **fields}
    return api.call("POST", f"{V2}/increment-with-lease", body)


def test_a_limit_is_made_once_read_changed_and_deleted(api: ApiClient) -> None:
    made = limit(api, active=True, slot_decay_per_second=0.0)

    assert set(made) == {
        "id", "created", "updated", "active", "name", "limit", "active_slots", "denied_slots",
        "slot_decay_per_second", "avg_slot_occupancy_seconds",
    }  # fmt: skip
    assert api.call("POST", V2, {"name": "db", "limit": 1})[0] == 409
    assert api.get(f"{V2}/{made['id']}") == api.get(f"{V2}/db") == made
    assert [each["name"] for each in api.post(f"{V2}/filter", {"limit": 100})] == ["db"]
    assert api.call("PATCH", f"{V2}/db", {"limit": 5, "active": None}) == (204, None)
    assert (api.get(f"{V2}/db")["limit"], api.get(f"{V2}/db")["active"]) == (5, True)
    assert api.call("DELETE", f"{V2}/{made['id']}") == (204, None)
    for method in ("GET", "DELETE"):
        assert api.call(method, f"{V2}/db") == (404, {"detail": "Concurrency Limit not found"})


def test_slots_are_leased_until_there_is_no_room_and_given_back(api: ApiClient) -> None:
    made = limit(api)
    status, first = lease(api)
    lease(api)

    assert status == 200
    assert first["limits"] == [{"id": made["id"], "name": "db", "limit": 2}]
    assert taken(api) == 2
    assert lease(api) == (423, {"detail": "Locked"})
    assert api.call("POST", f"{V2}/decrement-with-lease", {"lease_id": first["lease_id"]})[0] == 204
    assert api.get(f"{V2}/db")["denied_slots"] == 1
    assert taken(api) == 1 and lease(api)[0] == 200
    assert api.get(f"{V2}/db")["denied_slots"] == 0
    assert api.call("POST", f"{V2}/decrement-with-lease", {"lease_id": first["lease_id"]})[0] == 204
    assert taken(api) == 2


def test_when_to_ask_again_is_said(api: ApiClient) -> None:
    limit(api, most=1)
    lease(api)

    body = {**LEASE, "names": ["db"]}
    response = api._client.post(
        f"/api{V2}/increment-with-lease", body, content_type="application/json"
    )

    assert response.status_code == 423
    assert 0 < float(response.headers["Retry-After"]) <= 40


def test_names_without_a_limit_hold_up_nobody_and_cost_no_row(api: ApiClient) -> None:
    status, held = lease(api, "tag:unknown")

    assert status == 200 and held["limits"] == []
    path = f"{V2}/leases/{held['lease_id']}/renew"
    assert api.call("POST", path, {"lease_duration": 60}) == (204, None)
    assert api.call("POST", f"{V2}/decrement-with-lease", {"lease_id": held["lease_id"]})[0] == 204
    assert not SlotLease.objects.exists()


def test_a_limit_that_is_not_active_holds_up_nobody(api: ApiClient) -> None:
    limit(api, most=0, active=False)

    assert lease(api)[0] == 200 and taken(api) == 0


def test_all_limits_give_or_none_does(api: ApiClient) -> None:
    limit(api, "a", 1)
    limit(api, "b", 2)
    lease(api, "a")

    assert lease(api, "a", "b")[0] == 423
    assert (taken(api, "a"), taken(api, "b")) == (1, 0)


def test_who_is_killed_loses_its_slots_when_the_lease_is_over(api: ApiClient) -> None:
    limit(api, most=1)
    _, held = lease(api)
    path = f"{V2}/leases/{held['lease_id']}/renew"
    assert api.call("POST", path, {"lease_duration": 60}) == (204, None)

    SlotLease.objects.update(expires=utcnow() - timedelta(seconds=1))

    assert taken(api) == 0
    assert api.call("POST", path, {"lease_duration": 60})[0] == 410
    assert lease(api)[0] == 200
    assert SlotLease.objects.count() == 1


def test_leases_that_are_over_are_forgotten_and_others_are_not(api: ApiClient) -> None:
    limit(api, most=3)
    ids = [lease(api)[1]["lease_id"] for _ in range(3)]
    SlotLease.objects.filter(pk__in=ids[:2]).update(expires=utcnow() - timedelta(seconds=1))
    api.call("DELETE", f"{V2}/db")

    assert concurrency.delete_expired_leases(now=utcnow()) == 2
    assert [str(each.pk) for each in SlotLease.objects.all()] == ids[2:]


def test_slots_without_a_lease_are_counted_and_given_back(api: ApiClient) -> None:
    limit(api)
    body = {"names": ["db"], "slots": 2, "mode": "concurrency"}

    assert [each["name"] for each in api.post(f"{V2}/increment", body)] == ["db"]
    assert api.call("POST", f"{V2}/increment", body)[0] == 423
    api.post(f"{V2}/decrement", {"names": ["db"], "slots": 1, "occupancy_seconds": 4.5})
    assert taken(api) == 1
    api.post(f"{V2}/decrement", {"names": ["db"], "slots": 9})
    assert taken(api) == 0


def test_what_could_never_be_given_is_refused(api: ApiClient) -> None:
    limit(api)

    assert lease(api, slots=3)[0] == 422
    assert lease(api, mode="rate_limit")[0] == 422
    assert lease(api, lease_duration=10)[0] == 422


@pytest.mark.django_db
def test_a_rate_is_limited_by_slots_that_decay() -> None:
    now = utcnow()
    fields = {"name": "rate", "limit": 2, "slot_decay_per_second": 0.5}
    concurrency.create(fields, now=now)

    def ask(seconds: float) -> bool:
        later = now + timedelta(seconds=seconds)
        held = concurrency.take(["rate"], 1, now=later, mode="rate_limit")
        return isinstance(held, SlotsHeld)

    assert [ask(seconds) for seconds in (0, 0, 0, 1, 2, 3, 6, 6)] == [
        *(True, True, False, False),
        *(True, False, True, True),
    ]


def test_a_tag_has_a_limit_that_counts_its_tasks(api: ApiClient) -> None:
    status, made = api.call("POST", V1, {"tag": "db", "concurrency_limit": 1})
    task = str(uuid4())

    assert (status, made["tag"], made["concurrency_limit"]) == (201, "db", 1)
    assert api.call("POST", V1, {"tag": "db", "concurrency_limit": 2})[0] == 200
    holder = {"type": "task_run", "id": task}
    assert lease(api, "tag:db", holder=holder)[1]["limits"][0]["id"] == made["id"]
    assert api.get(f"{V1}/tag/db")["active_slots"] == [task]
    assert api.get(f"{V1}/{made['id']}") == api.post(f"{V1}/filter", {})[0]
    assert api.call("POST", f"{V1}/tag/db/reset", {"slot_override": None}) == (200, None)
    assert api.get(f"{V1}/tag/db")["active_slots"] == []
    assert api.call("DELETE", f"{V1}/tag/db") == (204, None)
    assert api.call("GET", f"{V1}/tag/db") == (404, {"detail": "Concurrency limit not found"})


def test_older_clients_take_and_give_slots_by_tags(api: ApiClient) -> None:
    api.post(V1, {"tag": "db", "concurrency_limit": 1})
    body = {"names": ["db", "other"], "task_run_id": str(uuid4())}

    assert [each["name"] for each in api.post(f"{V1}/increment", body)] == ["db"]
    assert api.call("POST", f"{V1}/increment", {**body, "task_run_id": str(uuid4())})[0] == 423
    assert [each["name"] for each in api.post(f"{V1}/decrement", body)] == ["db"]
    assert api.get(f"{V1}/tag/db")["active_slots"] == []
    api.post(V1, {"tag": "db", "concurrency_limit": 0})
    assert api.call("POST", f"{V1}/increment", body)[0] == 423


@pytest.mark.django_db(transaction=True)
def test_however_many_ask_at_once_the_limit_holds() -> None:
    concurrency.create({"name": "a", "limit": 3}, now=utcnow())
    concurrency.create({"name": "b", "limit": 5}, now=utcnow())

    def ask(number: int) -> SlotsHeld | LimitFull:
        names = ["a", "b"] if number % 2 else ["b", "a"]
        return concurrency.take(names, 1, now=utcnow(), lease=LeaseTerms(seconds=60))

    results = at_once(ask, 8)

    assert sum(isinstance(each, SlotsHeld) for each in results) == 3


def test_taking_costs_the_same_for_any_number_of_limits(
    api: ApiClient, django_assert_num_queries: Any
) -> None:
    for name in "abcdef":
        limit(api, name)

    with django_assert_num_queries(1 + 2):
        concurrency.take(["x", "y"], 1, now=utcnow(), lease=LeaseTerms(seconds=60))
    with django_assert_num_queries(5 + 2):
        # Limits, leases that are over, counts, the lease and what it holds; a savepoint.
        concurrency.take(list("abcdef"), 1, now=utcnow(), lease=LeaseTerms(seconds=60))
