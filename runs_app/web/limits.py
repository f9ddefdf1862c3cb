"""Concurrency limits: a list with their slots, a form that makes or changes one, deleting one."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved
from runs_app.domain.plain_names import MAX_NAME_CHARACTERS, banned_problem
from runs_app.services import concurrency

PAGE, FRAGMENT = "runs_app/limits.html", "runs_app/_limits.html"
MAX_ROWS = 200


class LimitForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME_CHARACTERS)
    limit = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    decay = forms.FloatField(required=False, min_value=0, max_value=1e9)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if problem := banned_problem(name):
            raise forms.ValidationError(problem)
        return name


@page
def limits(request: HtmxRequest) -> HttpResponse:
    return page_or_fragment(request, PAGE, FRAGMENT, _context(request))


@editing
def put(request: HtmxRequest) -> HttpResponse:
    form = LimitForm(request.POST)
    if not form.is_valid():
        problems = {
            name: [str(one) for one in field_errors] for name, field_errors in form.errors.items()
        }
        context = _context(request, typed=request.POST, problems=problems)
        return invalid(request, PAGE, FRAGMENT, context)
    given = form.cleaned_data
    concurrency.put(given["name"], given["limit"], given["decay"] or 0.0, now=utcnow())
    return _saved(request, f"Limit {given['name']} saved.")


@editing
def delete(request: HtmxRequest, limit_id: UUID) -> HttpResponse:
    if not concurrency.delete(str(limit_id)):
        raise Http404("No limit has this id.")
    return _saved(request, "Limit deleted.")


def _saved(request: HtmxRequest, text: str) -> HttpResponse:
    back = reverse("limits:list")
    context = _context(request)
    return saved(request, FRAGMENT, context, event="limit-saved", back=back, toast=Toast(text))


def _context(request: HtmxRequest, **changes: Any) -> dict[str, Any]:
    context: dict[str, Any] = {
        "limits": concurrency.page(limit=MAX_ROWS, offset=0, now=utcnow()),
        "shown": MAX_ROWS,
        "typed": {},
        "problems": {},
        "can_edit": can_edit(request),
    }
    return context | changes
