"""Slots of concurrency limits, in Prefect's two ways: by the names of limits, and by tags.

Every tagged task of a Prefect client asks for a slot of each of its tags before it runs.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, nothing
from runs_app.api.fields import Body, Name
from runs_app.domain.concurrency import LONGEST_WAIT_SECONDS, TAG
from runs_app.models.concurrency import ConcurrencyLimit
from runs_app.services import concurrency
from runs_app.services.concurrency import ImpossibleSlots, LeaseTerms, LimitFull, SlotsHeld

router = Router(tags=["concurrency limits"])
by_tag = Router(tags=["concurrency limits"])

Names = Annotated[list[Name], Field(min_length=1, max_length=500)]
Seconds = Annotated[float, Field(ge=60, le=24 * 3600)]
DEFAULT_SECONDS = 300.0
# Whoever takes slots by tags does not renew what it holds.
TAG_SECONDS = 24 * 3600.0


class SlotsBody(Body):
    names: Names
    slots: Annotated[int, Field(gt=0, le=2**31 - 1)]
    mode: Literal["concurrency", "rate_limit"] | None = None
    occupancy_seconds: Annotated[float, Field(gt=0, le=1e9)] | None = None


class LeaseHolder(Body):
    type: Literal["flow_run", "task_run", "deployment"]
    id: UUID


class LeasedSlotsBody(SlotsBody):
    lease_duration: Seconds | None = None
    holder: LeaseHolder | None = None

    def terms(self) -> LeaseTerms:
        holder = (self.holder.type, self.holder.id) if self.holder else None
        return LeaseTerms(seconds=self.lease_duration or DEFAULT_SECONDS, holder=holder)


class LeaseRenewal(Body):
    lease_duration: Seconds | None = None


class EndedLease(Body):
    lease_id: UUID


class SlotsByTag(Body):
    names: Names
    task_run_id: UUID


@router.post("/increment", response=Any)
def take_slots(request: HttpRequest, body: SlotsBody) -> HttpResponse:
    return answer(_minimal_limits(_taken(body, None)))


@router.post("/increment-with-lease", response=Any)
def lease_slots(request: HttpRequest, body: LeasedSlotsBody) -> HttpResponse:
    held = _taken(body, body.terms())
    return answer({"lease_id": held.lease_id, "limits": _minimal_limits(held)})


@router.post("/leases/{lease_id}/renew", response={204: None})
def renew_lease(
    request: HttpRequest, lease_id: str, body: LeaseRenewal | None = None
) -> HttpResponse:
    seconds = (body and body.lease_duration) or DEFAULT_SECONDS
    if not concurrency.renew(id_of(lease_id), seconds=seconds, now=utcnow()):
        detail = "Lease not found - it may have expired or been revoked"
        raise ApiError(410, {"detail": detail})
    return nothing()


@router.post("/decrement", response=Any)
def give_slots_back(request: HttpRequest, body: SlotsBody) -> HttpResponse:
    limits = concurrency.give_back(
        body.names, body.slots, occupancy_seconds=body.occupancy_seconds, now=utcnow()
    )
    return answer([_minimal(limit) for limit in limits])


@router.post("/decrement-with-lease", response={204: None})
def end_lease(request: HttpRequest, body: EndedLease) -> HttpResponse:
    concurrency.end(body.lease_id, now=utcnow())
    return nothing()


@by_tag.post("/increment", response=Any)
def take_slots_by_tag(request: HttpRequest, body: SlotsByTag) -> HttpResponse:
    terms = LeaseTerms(seconds=TAG_SECONDS, holder=("task_run", body.task_run_id))
    names = [TAG + name for name in body.names]
    try:
        held = concurrency.take(names, 1, now=utcnow(), lease=terms)
    except ImpossibleSlots:
        detail = "A limit of 0 lets no task of its tag run."
        raise ApiError(423, {"detail": detail}) from None
    if isinstance(held, LimitFull):
        raise _locked(LONGEST_WAIT_SECONDS)
    return answer([_minimal(limit, of_tag=True) for limit in held.limits])


@by_tag.post("/decrement", response=Any)
def give_slots_back_by_tag(request: HttpRequest, body: SlotsByTag) -> HttpResponse:
    limits = concurrency.end_of_holder(
        [TAG + name for name in body.names], body.task_run_id, now=utcnow()
    )
    return answer([_minimal(limit, of_tag=True) for limit in limits])


def _taken(body: SlotsBody, terms: LeaseTerms | None) -> SlotsHeld:
    try:
        held = concurrency.take(
            body.names, body.slots, now=utcnow(), mode=body.mode or "concurrency", lease=terms
        )
    except ImpossibleSlots as error:
        raise ApiError(422, {"detail": str(error)}) from None
    if isinstance(held, LimitFull):
        raise _locked(held.retry_after_seconds)
    return held


def _locked(seconds: float) -> ApiError:
    return ApiError(423, {"detail": "Locked"}, headers={"Retry-After": f"{seconds:.3f}"})


def _minimal_limits(held: SlotsHeld) -> list[dict[str, Any]]:
    return [_minimal(limit) for limit in held.limits]


def _minimal(limit: ConcurrencyLimit, *, of_tag: bool = False) -> dict[str, Any]:
    name = limit.name.removeprefix(TAG) if of_tag else limit.name
    return {"id": limit.pk, "name": name, "limit": limit.limit}
