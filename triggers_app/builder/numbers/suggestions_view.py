"""What could stand in a field, as the options of a listbox."""

from uuid import UUID

from django.http import HttpResponse

from accounts_app.web.guards import editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from triggers_app.automation.editing import nodes
from triggers_app.builder.numbers import suggestions
from triggers_app.builder.numbers.suggestions import SuggestionQuery
from triggers_app.builder.params import draft_of

FRAGMENT = "triggers_app/builder/_choices.html"
MOST_TYPED = 200  # nobody types more to find something


@editors_page
def options(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """`kind` of thing, for the trigger `node` and the row of `label`; `q` is what was typed."""
    draft = draft_of(request, draft_id)
    placed = nodes.find(draft.document, request.GET.get("node", ""))
    query = SuggestionQuery(
        kind=request.GET.get("kind", ""),
        text=request.GET.get("q", "").strip()[:MOST_TYPED],
        label=request.GET.get("label", "").strip(),
        node={} if placed is None else placed.node,
        now=utcnow(),
    )
    context = {"title": "Suggestions", "found": suggestions.suggest(query)}
    return page_or_fragment(request, "ui/alone.html", FRAGMENT, context)
