"""Work pools: a list, one with its queues and workers; making, changing, pausing, deleting."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing, page
from project.lib.clock import utcnow
from project.lib.htmx import (
    HtmxRequest,
    Toast,
    invalid,
    page_or_fragment,
    saved,
    seen,
    unchanged,
)
from project.lib.problems import Invalid
from runs_app.domain.plain_names import MAX_NAME_CHARACTERS, banned_problem
from runs_app.models import WorkPool
from runs_app.reads import pool_pages
from runs_app.services import pools, queues

LIST, ROWS = "runs_app/work_pools.html", "runs_app/_work_pools.html"
LIFE = "runs_app/_pool_life.html"
ONE, FRAGMENT = "runs_app/work_pool.html", "runs_app/_work_pool.html"
# Any type can be made over the API; these need no more than a name.
TYPES = (("process", "Process: a Prefect worker"), ("flint", "Flint executes its runs itself"))
BIGGEST = 2**31 - 1
TAKEN = "This name is taken."


class NameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(max_length=MAX_NAME_CHARACTERS)

    def validate(self, value: str) -> None:
        super().validate(value)
        if problem := banned_problem(value):
            raise forms.ValidationError(problem)


class PoolLimitsForm(forms.Form):
    description = forms.CharField(required=False, max_length=2000)
    concurrency_limit = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST)


class PoolForm(PoolLimitsForm):
    name = NameField()
    type = forms.ChoiceField(choices=TYPES)


class QueueForm(PoolLimitsForm):
    name = NameField()
    priority = forms.IntegerField(min_value=1, max_value=BIGGEST)


@page
def work_pools(request: HtmxRequest) -> HttpResponse:
    return page_or_fragment(request, LIST, ROWS, _list(request))


@editing
def create(request: HtmxRequest) -> HttpResponse:
    form = PoolForm(request.POST)
    problems = _problems(form)
    if not problems:
        fields = dict(form.cleaned_data)
        name = str(fields.pop("name"))
        fields["description"] = fields["description"] or None
        try:
            if pools.create(name, fields, now=utcnow()) is not None:
                return _listed(request, f"Work pool {name} created.")
            problems = {"name": [TAKEN]}
        except Invalid as error:
            problems = {"type": [each.msg for each in error.problems]}
    context = _list(request, typed=request.POST, problems=problems)
    return invalid(request, LIST, ROWS, context)


@page
def work_pool(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    return page_or_fragment(request, ONE, FRAGMENT, _one(request, pool_id))


@page
def life(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    context = _one(request, pool_id)
    if seen(request, context["seen"]):
        return unchanged()
    title = f"Queues and workers of {context['pool'].name}"
    return page_or_fragment(request, "ui/alone.html", LIFE, context | {"title": title})


@editing
def change(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    form = PoolLimitsForm(request.POST)
    if problems := _problems(form):
        context = _one(request, pool_id, typed=request.POST, problems=problems)
        return invalid(request, ONE, FRAGMENT, context)
    given = form.cleaned_data
    fields = {**given, "description": given["description"] or None}
    if not pools.change(_pool(pool_id).name, fields, now=utcnow()):
        raise Http404("No work pool has this id.")
    return _saved(request, pool_id, "Work pool saved.")


@editing
def pause(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    paused = request.POST.get("paused") == "true"
    if not pools.set_paused(pool_id, paused, now=utcnow()):
        raise Http404("No work pool has this id.")
    return _saved(request, pool_id, "Work pool paused." if paused else "Work pool resumed.")


@editing
def delete(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    name = _pool(pool_id).name
    if not pools.delete(name, now=utcnow()):
        raise Http404("No work pool has this id.")
    return _listed(request, f"Work pool {name} deleted.")


@editing
def put_queue(request: HtmxRequest, pool_id: UUID) -> HttpResponse:
    """Make a queue, or change the one of that name."""
    pool = _pool(pool_id)
    form = QueueForm(request.POST)
    if problems := _problems(form):
        context = _one(request, pool_id, typed_queue=request.POST, queue_problems=problems)
        return invalid(request, ONE, FRAGMENT, context)
    fields = dict(form.cleaned_data)
    name = fields.pop("name")
    fields["description"] = fields["description"] or None
    if queues.create(pool.name, name, fields, now=utcnow()) is None:
        there = queues.ensure(pool, name)
        queues.change(there.pk, fields, now=utcnow())
    return _saved(request, pool_id, f"Queue {name} saved.")


@editing
def pause_queue(request: HtmxRequest, pool_id: UUID, queue_id: UUID) -> HttpResponse:
    paused = request.POST.get("paused") == "true"
    if not queues.set_paused(queue_id, paused, now=utcnow()):
        raise Http404("No queue has this id.")
    return _saved(request, pool_id, "Queue paused." if paused else "Queue resumed.")


@editing
def delete_queue(request: HtmxRequest, pool_id: UUID, queue_id: UUID) -> HttpResponse:
    try:
        deleted = queues.delete(queue_id, now=utcnow())
    except queues.KeepsDefault:
        deleted = False
    if not deleted:
        raise Http404("No queue that could be deleted has this id.")
    return _saved(request, pool_id, "Queue deleted. What stood in it stands in default.")


def _pool(pool_id: UUID) -> WorkPool:
    pool = WorkPool.objects.filter(pk=pool_id).first()
    if pool is None:
        raise Http404("No work pool has this id.")
    return pool


def _problems(form: forms.Form) -> dict[str, list[str]]:
    form.is_valid()
    return {name: [str(one) for one in listed] for name, listed in form.errors.items()}


def _listed(request: HtmxRequest, text: str) -> HttpResponse:
    back = reverse("work-pools:list")
    context = _list(request)
    return saved(request, ROWS, context, event="work-pool-saved", back=back, toast=Toast(text))


def _saved(request: HtmxRequest, pool_id: UUID, text: str) -> HttpResponse:
    back = reverse("work-pools:one", args=[pool_id])
    context = _one(request, pool_id)
    return saved(request, FRAGMENT, context, event="work-pool-saved", back=back, toast=Toast(text))


def _list(request: HtmxRequest, **changes: Any) -> dict[str, Any]:
    context: dict[str, Any] = {
        "pools": pool_pages.page(now=utcnow()),
        "most": pool_pages.MOST_POOLS,
        "types": TYPES,
        "typed": {},
        "problems": {},
        "can_edit": can_edit(request),
    }
    return context | changes


def _one(request: HtmxRequest, pool_id: UUID, **changes: Any) -> dict[str, Any]:
    pool_in_full = pool_pages.in_full(pool_id, now=utcnow())
    if pool_in_full is None:
        raise Http404("No work pool has this id.")
    context: dict[str, Any] = {
        "of": pool_in_full,
        "pool": pool_in_full.pool,
        "seen": pool_in_full.seen,
        "is_flint": pool_in_full.pool.type == "flint",
        "typed": {},
        "problems": {},
        "typed_queue": {},
        "queue_problems": {},
        "can_edit": can_edit(request),
    }
    return context | changes
