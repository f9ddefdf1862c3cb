"""Addresses of Prefect's UI, which its client prints and templates link to: on to Flint's pages."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import page
from project.lib.htmx import HtmxRequest
from runs_app.models import Flow, TaskRun, WorkPool, WorkQueue

PAGES = {
    "flow-run": "runs:one",
    "deployment": "deployments:one",
    "automation": "automations:one",
    "artifact": "artifacts:one",
    "block": "blocks:one",
    "event": "events:one",
}


@page
def one(request: HtmxRequest, /, kind: str, object_id: UUID, **_: Any) -> HttpResponseRedirect:
    return redirect(PAGES[kind], object_id)


@page
def task_run(request: HtmxRequest, object_id: UUID) -> HttpResponseRedirect:
    """A task run is shown with its flow run."""
    flow_run_id = get_object_or_404(TaskRun, pk=object_id).flow_run_id
    if flow_run_id is None:
        raise Http404("This task run belongs to no flow run.")
    return redirect("runs:one", flow_run_id)


@page
def flow(request: HtmxRequest, object_id: UUID) -> HttpResponseRedirect:
    """A flow's runs."""
    name = get_object_or_404(Flow, pk=object_id).name
    return redirect(f"{reverse('runs:list')}?{urlencode({'q': name})}")


@page
def work_pool(request: HtmxRequest, name: str) -> HttpResponseRedirect:
    """By its name, as the client prints it, or by its id, as templates do."""
    which = Q(name=name)
    with suppress(ValueError):
        which |= Q(pk=UUID(name))
    return redirect("work-pools:one", get_object_or_404(WorkPool, which).pk)


@page
def work_queue(request: HtmxRequest, object_id: UUID) -> HttpResponseRedirect:
    """A queue is shown with its pool."""
    return redirect("work-pools:one", get_object_or_404(WorkQueue, pk=object_id).work_pool_id)


@page
def blocks(request: HtmxRequest) -> HttpResponseRedirect:
    return redirect("blocks:list")


@page
def new_block(request: HtmxRequest, slug: str) -> HttpResponseRedirect:
    return redirect("blocks:new", slug)
