"""Variables: a list, a form that makes or changes one, deleting one."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing, page
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved
from runs_app.domain.variable_rules import (
    MAX_NAME_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    NAME_PATTERN,
    value_of,
    value_problem,
)
from runs_app.reads import variables as variable_reads
from runs_app.services import variables as service

PAGE, FRAGMENT = "runs_app/variables.html", "runs_app/_variables.html"
MAX_ROWS = 200


class VariableForm(forms.Form):
    name = forms.RegexField(
        regex=NAME_PATTERN,
        max_length=MAX_NAME_CHARACTERS,
        error_messages={"invalid": "Use lowercase letters, digits, dashes and underscores."},
    )
    value = forms.CharField(required=False, max_length=MAX_VALUE_CHARACTERS, strip=False)
    tags = forms.CharField(required=False, max_length=2000)

    def clean_value(self) -> Any:
        value = value_of(self.cleaned_data["value"])
        if problem := value_problem(value):
            raise forms.ValidationError(problem)
        return value

    def clean_tags(self) -> list[str]:
        return sorted({word.strip() for word in self.cleaned_data["tags"].split(",")} - {""})


@page
def variables(request: HtmxRequest) -> HttpResponse:
    return page_or_fragment(request, PAGE, FRAGMENT, _context(request))


@editing
def put(request: HtmxRequest) -> HttpResponse:
    form = VariableForm(request.POST)
    if not form.is_valid():
        problems = {
            name: [str(one) for one in field_errors] for name, field_errors in form.errors.items()
        }
        context = _context(request, typed=request.POST, problems=problems)
        return invalid(request, PAGE, FRAGMENT, context)
    given = form.cleaned_data
    service.put(given["name"], given["value"], given["tags"])
    return _saved(request, f"Variable {given['name']} saved.")


@editing
def delete(request: HtmxRequest, variable_id: UUID) -> HttpResponse:
    if not service.delete(service.by_id(variable_id)):
        raise Http404("No variable has this id.")
    return _saved(request, "Variable deleted.")


def _saved(request: HtmxRequest, text: str) -> HttpResponse:
    back = reverse("variables:list")
    context = _context(request)
    return saved(request, FRAGMENT, context, event="variable-saved", back=back, toast=Toast(text))


def _context(request: HtmxRequest, **changes: Any) -> dict[str, Any]:
    documents = variable_reads.documents(None, sort="NAME_ASC", limit=MAX_ROWS, offset=0)
    rows = [each | {"written": json.dumps(each["value"], ensure_ascii=False)} for each in documents]
    context: dict[str, Any] = {
        "variables": rows,
        "shown": MAX_ROWS,
        "typed": {},
        "problems": {},
        "can_edit": can_edit(request),
    }
    return context | changes
