"""`/deployments/{id}/schedules`: Prefect's paths, bodies and status codes."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, RootModel

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from runs_app.api.answers import answer, id_of, missing, nothing
from runs_app.api.fields import Body, Name, Object
from runs_app.domain.schedules import MOST_AHEAD
from runs_app.models import Deployment
from runs_app.services import schedules
from runs_app.services.schedules import DesiredSchedules, TakenSlug, UnfitSchedule

router = Router(tags=["schedules"])


class ScheduleChange(Body):
    """`schedule` has one of `interval` (seconds), `cron` and `rrule`, and a `timezone`."""

    schedule: Object | None = None
    active: bool | None = None
    max_scheduled_runs: Annotated[int, Field(ge=1, le=MOST_AHEAD)] | None = None
    parameters: Object | None = None
    slug: Name | None = None
    replaces: Name | None = None

    def desired_schedule(self) -> DesiredSchedules:
        return DesiredSchedules(**self.given())


class ScheduleBody(ScheduleChange):
    schedule: Object


# On PATCH of a deployment a slug may stand for the schedule that it has.
ScheduleBodies = Annotated[list[ScheduleChange], Field(max_length=100)]


class NewSchedules(RootModel[Annotated[list[ScheduleBody], Field(max_length=100)]]):
    pass


@router.get("/{deployment_id}/schedules", response=Any)
def read_schedules(request: HttpRequest, deployment_id: str) -> HttpResponse:
    try:
        return answer(schedules.of_id(id_of(deployment_id)))
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None


@router.post("/{deployment_id}/schedules", response={201: Any})
def create_schedules(request: HttpRequest, deployment_id: str, body: NewSchedules) -> HttpResponse:
    desired = [each.desired_schedule() for each in body.root]
    try:
        return answer(schedules.create(id_of(deployment_id), desired, now=utcnow()), 201)
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None
    except (TakenSlug, UnfitSchedule) as error:
        raise refused_schedule(error) from None


@router.patch("/{deployment_id}/schedules/{schedule_id}", response={204: None})
def update_schedule(
    request: HttpRequest, deployment_id: str, schedule_id: str, body: ScheduleChange
) -> HttpResponse:
    try:
        changed = schedules.change(
            id_of(deployment_id), id_of(schedule_id), body.given(), now=utcnow()
        )
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None
    except (TakenSlug, UnfitSchedule) as error:
        raise refused_schedule(error) from None
    if not changed:
        raise missing("Schedule")
    return nothing()


@router.delete("/{deployment_id}/schedules/{schedule_id}", response={204: None})
def delete_schedule(request: HttpRequest, deployment_id: str, schedule_id: str) -> HttpResponse:
    try:
        deleted = schedules.delete(id_of(deployment_id), id_of(schedule_id), now=utcnow())
    except Deployment.DoesNotExist:
        raise missing("Deployment") from None
    if not deleted:
        raise missing("Schedule")
    return nothing()


def refused_schedule(error: Exception) -> ApiError:
    return ApiError(409, {"detail": str(error)})
