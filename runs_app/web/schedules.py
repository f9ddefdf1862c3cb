"""The schedules of a deployment: when it runs next; making, changing, pausing, deleting one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, saved
from project.lib.problems import Invalid
from runs_app.models import Deployment
from runs_app.services import schedules
from runs_app.services.schedules import DesiredSchedules, TakenSlug, UnfitSchedule

FRAGMENT = "runs_app/_schedules.html"
ALONE = "ui/alone.html"
KINDS = (("cron", "Cron"), ("interval", "Interval in seconds"), ("rrule", "RRULE"))


class ScheduleForm(forms.Form):
    kind = forms.ChoiceField(choices=KINDS)
    value = forms.CharField(max_length=6500)
    timezone = forms.CharField(required=False, max_length=100)

    def schedule(self) -> dict[str, Any]:
        """As the API takes it; its meaning is judged there."""
        kind, value = self.cleaned_data["kind"], self.cleaned_data["value"]
        timing: dict[str, Any] = {kind: value}
        if kind == "interval":
            try:
                timing = {kind: float(value)}
            except ValueError:
                problem = "The interval must be a number of seconds."
                raise forms.ValidationError(problem) from None
        return timing | {"timezone": self.cleaned_data["timezone"] or "UTC"}


def context(request: HtmxRequest, deployment_id: UUID, **changes: Any) -> dict[str, Any]:
    """What the fragment shows. Raises Deployment.DoesNotExist."""
    listed = schedules.upcoming_of(deployment_id, now=utcnow())
    own = {
        "schedules": listed,
        "deployment_id": deployment_id,
        "schedule_kinds": KINDS,
        "typed_schedule": {},
        "schedule_problems": [],
        "can_edit": can_edit(request),
    }
    return own | changes


@editing
def create(request: HtmxRequest, deployment_id: UUID) -> HttpResponse:
    def work(timing: dict[str, Any]) -> bool:
        desired = DesiredSchedules(schedule=timing)
        return bool(schedules.create(deployment_id, [desired], now=utcnow()))

    return _put(request, deployment_id, work, "Schedule created.")


@editing
def change(request: HtmxRequest, deployment_id: UUID, schedule_id: UUID) -> HttpResponse:
    def work(timing: dict[str, Any]) -> bool:
        # The form asks for what people change; the rest of a schedule of the same kind stays.
        listed = schedules.of_id(deployment_id)
        kept: dict[str, Any] = next(
            (each["schedule"] for each in listed if each["id"] == schedule_id), {}
        )
        rest = kept if kept.keys() & timing.keys() & {"cron", "interval"} else {}
        fields = {"schedule": {**rest, **timing}}
        return schedules.change(deployment_id, schedule_id, fields, now=utcnow())

    return _put(request, deployment_id, work, "Schedule saved.")


@editing
def delete(request: HtmxRequest, deployment_id: UUID, schedule_id: UUID) -> HttpResponse:
    try:
        deleted = schedules.delete(deployment_id, schedule_id, now=utcnow())
    except Deployment.DoesNotExist:
        deleted = False
    return _saved(request, deployment_id, "Schedule deleted.", done=deleted)


@editing
def activate(request: HtmxRequest, deployment_id: UUID, schedule_id: UUID) -> HttpResponse:
    active = request.POST.get("active") == "true"
    try:
        done = schedules.change(deployment_id, schedule_id, {"active": active}, now=utcnow())
    except Deployment.DoesNotExist:
        done = False
    text = "Schedule resumed." if active else "Schedule paused."
    return _saved(request, deployment_id, text, done=done)


def _put(
    request: HtmxRequest, deployment_id: UUID, work: Callable[[dict[str, Any]], bool], text: str
) -> HttpResponse:
    form = ScheduleForm(request.POST)
    problems = [str(one) for listed in form.errors.values() for one in listed]
    if not problems:
        try:
            return _saved(request, deployment_id, text, done=work(form.schedule()))
        except Deployment.DoesNotExist:
            raise Http404("No deployment has this id.") from None
        except forms.ValidationError as error:
            problems = error.messages
        except Invalid as error:
            problems = [each.msg for each in error.problems]
        except (TakenSlug, UnfitSchedule) as error:
            problems = [str(error)]
    try:
        refused = context(
            request, deployment_id, typed_schedule=request.POST, schedule_problems=problems
        )
    except Deployment.DoesNotExist:
        raise Http404("No deployment has this id.") from None
    return invalid(request, ALONE, FRAGMENT, refused | {"title": "Schedules"})


def _saved(request: HtmxRequest, deployment_id: UUID, text: str, *, done: bool) -> HttpResponse:
    if not done:
        raise Http404("No schedule has this id.")
    back = reverse("deployments:one", args=[deployment_id])
    after = context(request, deployment_id)
    return saved(request, FRAGMENT, after, event="schedule-saved", back=back, toast=Toast(text))
