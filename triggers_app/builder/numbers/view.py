"""How many recorded events each trigger of a draft leaves: one request for the whole tree."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from accounts_app.web.guards import editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from triggers_app.automation.editing import nodes
from triggers_app.builder.drafts import draft_analysis as reading
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.numbers import service as numbers
from triggers_app.builder.params import at_of, draft_of
from triggers_app.models import Draft

FRAGMENT = "triggers_app/builder/_numbers.html"


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """The page is shown at once; its numbers follow."""
    badges = {"numbers": {}, "sentences": {}, "counting": False, "waiting": True}
    return {"badges": badges}


@editors_page
def of_draft(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """All badges as out-of-band parts; with `exact` those that were guessed before, counted."""
    context = context_of(request, draft_of(request, draft_id), exact="exact" in request.GET)
    return page_or_fragment(request, "ui/alone.html", FRAGMENT, context)


def context_of(request: HtmxRequest, draft: Draft, *, exact: bool = False) -> dict[str, Any]:
    leaves = {one.id: one.node for one in nodes.walk(draft.document) if not one.is_group}
    by_leaf = numbers.numbers_of(leaves, now=utcnow(), exact=exact)
    return {
        "draft": draft,
        "title": "Numbers",
        "badges": {
            "numbers": by_leaf,
            "sentences": reading.read_draft(draft).node_sentences,
            "counting": any(one.counting for one in by_leaf.values()) and not exact,
            "waiting": False,
            "at": at_of(request),
        },
    }
