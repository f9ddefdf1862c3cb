"""The form of the builder, posted whole at every edit, and what its buttons do."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from events_app.web.guards import editing
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from triggers_app.services.building import drafts
from triggers_app.services.building.drafts import Applied
from triggers_app.web.builder import answers
from triggers_app.web.builder.asked import draft_of, fields_of, rev_of
from triggers_app.web.builder.page import PAGE, address_of, page_context


@editing
def op(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    applied = submitted(request, draft_id, do=request.POST.get("do", ""))
    if request.htmx:
        return answers.edited(request, applied)
    if applied.problems:
        context = page_context(request, applied.draft, problems=applied.problems)
        return render(request, PAGE, context, status=422)
    return HttpResponseRedirect(f"{address_of(draft)}{answers.anchor_of(applied)}")


def submitted(request: HtmxRequest, draft_id: UUID, *, do: str = "") -> Applied:
    """Take the posted form into the draft, then do what the button says."""
    return drafts.submit(
        draft_id,
        author=request.user.get_username(),
        rev=rev_of(request),
        fields=fields_of(request),
        do=do,
        now=utcnow(),
    )
