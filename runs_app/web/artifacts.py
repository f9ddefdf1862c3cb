"""Artifacts: a list, one as its kind is read, those of a run, deleting one."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts_app.web.guards import can_edit, editing, page
from project.lib.htmx import HtmxRequest, page_or_fragment
from project.lib.markdown import MOST_CHARACTERS, rendered
from project.lib.paging import TimeKey, cursor_of, storable
from runs_app.domain.artifact_table import table_of
from runs_app.models import Artifact
from runs_app.reads import artifact_pages
from runs_app.services import artifacts as service

SIZE = 50
_TEXTS = ("markdown", "link")


@page
def artifacts(request: HtmxRequest) -> HttpResponse:
    try:
        text = storable(request.GET.get("q", "").strip()[:200])
    except ValueError as error:
        raise Http404("No artifact's key holds NUL.") from error
    after = cursor_of(request, TimeKey.parse)
    base = reverse("artifacts:list")
    context = {
        "page": artifact_pages.page(size=SIZE, after=after, text=text),
        "q": text,
        "address": f"{base}?{urlencode({'q': text})}&" if text else f"{base}?",
    }
    return page_or_fragment(
        request, "runs_app/artifacts.html", "runs_app/_artifact_rows.html", context
    )


@page
def artifact(request: HtmxRequest, artifact_id: UUID) -> HttpResponse:
    artifact_in_full = artifact_pages.in_full(artifact_id)
    if artifact_in_full is None:
        raise Http404("No artifact has this id.")
    context = {
        "artifact": artifact_in_full.artifact,
        "versions": artifact_in_full.versions,
        "run_name": artifact_in_full.run_name,
        "can_edit": can_edit(request),
        **content_of(artifact_in_full.artifact),
    }
    return page_or_fragment(request, "runs_app/artifact.html", "runs_app/_artifact.html", context)


@page
def of_run(request: HtmxRequest, run_id: UUID) -> HttpResponse:
    context = {"artifacts": artifact_pages.of_run(run_id), "title": "Artifacts"}
    return page_or_fragment(request, "ui/alone.html", "runs_app/_run_artifacts.html", context)


@editing
def delete(request: HtmxRequest, artifact_id: UUID) -> HttpResponse:
    if not service.delete(artifact_id):
        raise Http404("No artifact has this id.")
    return redirect("artifacts:list")


def content_of(artifact: Artifact) -> dict[str, Any]:
    """How its data is shown: as text, table, link or progress; else as it is."""
    data, description = artifact.data, artifact.description
    shape: dict[str, Any] = {"kind": "data", "description": rendered(description or "")}
    if artifact.type in _TEXTS and isinstance(data, str):
        cut = len(data) > MOST_CHARACTERS
        return shape | {"kind": "text", "text": rendered(data), "cut": cut}
    if artifact.type == "table" and (table := table_of(data)) is not None:
        return shape | {"kind": "table", "table": table}
    if artifact.type == "image" and isinstance(data, str):
        safe = data if data.startswith(("https://", "http://")) else ""
        return shape | {"kind": "image", "address": safe}
    if artifact.type == "progress" and isinstance(data, int | float):
        return shape | {"kind": "progress", "percent": round(min(max(data, 0), 100), 1)}
    return shape
