"""The form of the builder, posted whole at every edit, and what its buttons do."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode

from accounts_app.web.guards import editing
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from triggers_app.builder import responses as answers
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.page import PAGE, address_of, page_context
from triggers_app.builder.params import FIND, NO_DRAFT, fields_of, finding_of, rev_of
from triggers_app.builder.selection import SELECT
from triggers_app.models import Draft

LOOK = "find"  # looks for what an action may be about, and changes nothing
ADDS = ("add:", "add-action:")


@editing
def op(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    do, finding = request.POST.get("do", ""), finding_of(request.POST)
    at = do.removeprefix(SELECT) if do.startswith(SELECT) else ""
    applied = submitted(request, draft_id, do="" if do == LOOK or at else do)
    if request.htmx:
        looked_for = finding if do == LOOK else None
        adds = bool(applied.did) and do.startswith(ADDS)
        return answers.edited(request, applied, finding=looked_for, at=at, adds=adds)
    at = at or answers.next_in_view(request, applied)
    said = {"at": at} if "at" in request.POST else {}
    if applied.problems:
        context = page_context(request, applied.draft, problems=applied.problems, at=at)
        return render(request, PAGE, context, status=422)
    query = {f"{FIND}{kind}": text for kind, text in finding.items() if text} | said
    query_string = f"?{urlencode(query)}" if query else ""
    return HttpResponseRedirect(
        f"{address_of(applied.draft)}{query_string}{answers.anchor_of(applied)}"
    )


def submitted(request: HtmxRequest, draft_id: UUID, *, do: str = "") -> Applied:
    """Take the posted form into the draft, which is read once, then do what the button says."""
    try:
        return drafts.submit(
            draft_id,
            author=request.user.get_username(),
            rev=rev_of(request),
            fields=fields_of(request),
            do=do,
            now=utcnow(),
        )
    except Draft.DoesNotExist as error:
        raise Http404(NO_DRAFT) from error
