"""Saving a draft as off, in shadow or on; and discarding it."""

from uuid import UUID

from django.http import HttpResponse

from events_app.web.guards import editing
from project.lib.htmx import HtmxRequest
from triggers_app.web.builder import answers
from triggers_app.web.builder.asked import draft_of
from triggers_app.web.builder.op import submitted


@editing
def save(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft_of(request, draft_id)
    return answers.edited(request, submitted(request, draft_id))


@editing
def discard(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft_of(request, draft_id)
    return answers.edited(request, submitted(request, draft_id))
