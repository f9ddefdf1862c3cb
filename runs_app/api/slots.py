"""Slots of concurrency limits, where there is no limit: whoever asks for slots may go on.

Every tagged task of a Prefect client asks for a slot of each of its tags before it runs.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Name, Object

router = Router(tags=["concurrency limits"])
by_tag = Router(tags=["concurrency limits"])

Names = Annotated[list[Name], Field(min_length=1, max_length=500)]
Seconds = Annotated[float, Field(ge=60, le=24 * 3600)]


class Slots(Body):
    names: Names
    slots: Annotated[int, Field(gt=0)]
    mode: Annotated[str, Field(pattern="^(concurrency|rate_limit)$")] | None = None
    occupancy_seconds: Annotated[float, Field(gt=0)] | None = None


class LeasedSlots(Slots):
    lease_duration: Seconds | None = None
    holder: Object | None = None


class Renewal(Body):
    lease_duration: Seconds | None = None


class SlotLease(Body):
    lease_id: UUID


class SlotsByTag(Body):
    names: Names
    task_run_id: str


@router.post("/increment", response=Any)
def take_slots(request: HttpRequest, body: Slots) -> HttpResponse:
    return answer([])


@router.post("/increment-with-lease", response=Any)
def lease_slots(request: HttpRequest, body: LeasedSlots) -> HttpResponse:
    return answer({"lease_id": uuid4(), "limits": []})


@router.post("/leases/{lease_id}/renew", response={204: None})
def renew_lease(request: HttpRequest, lease_id: str, body: Renewal | None = None) -> HttpResponse:
    id_of(lease_id)
    return nothing()


@router.post("/decrement", response=Any)
def give_slots_back(request: HttpRequest, body: Slots) -> HttpResponse:
    return answer([])


@router.post("/decrement-with-lease", response={204: None})
def end_lease(request: HttpRequest, body: SlotLease) -> HttpResponse:
    return nothing()


@by_tag.post("/increment", response=Any)
def take_slots_by_tag(request: HttpRequest, body: SlotsByTag) -> HttpResponse:
    return answer([])


@by_tag.post("/decrement", response=Any)
def give_slots_back_by_tag(request: HttpRequest, body: SlotsByTag) -> HttpResponse:
    return answer([])
