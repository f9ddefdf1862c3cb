"""The backtest's time line: begun when it is asked for, asked again until it is there."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

from accounts_app.web.guards import editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment
from triggers_app.automation.editing.problem_fields import sentence_in_place
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.backtest import timeline
from triggers_app.builder.backtest.service import ALONE_SECONDS, BacktestView
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.params import draft_of
from triggers_app.models import Draft

FINISHED = "backtest-told"
KEEP = "Flint-Keep"
FRAGMENT = "triggers_app/builder/_backtest.html"
ALONE = "triggers_app/builder/backtest.html"
WAIT_SECONDS = 0.4  # what takes no longer shows no progress
VIEWS = ("drawing", "table")


@editors_page
def backtest(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = _as_chosen(request, draft_of(request, draft_id))
    if request.GET.get("again"):
        backtests.refresh(draft)
    if request.htmx:
        look = backtests.look(draft, now=utcnow(), patience=WAIT_SECONDS)
    else:
        look = backtests.look(
            draft, now=utcnow(), patience=ALONE_SECONDS + 1, seconds=ALONE_SECONDS
        )
    response = page_or_fragment(request, ALONE, FRAGMENT, context_of(draft, look))
    if look.state == "unreadable":
        response[KEEP] = "stale"  # builder.js leaves the last drawing where there is one
    # What rests on the backtest (findings, how often it would act) asks again.
    return trigger_client_event(response, FINISHED) if look.state == "done" else response


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """For the builder's page: it does not wait; the region asks for itself."""
    periods = backtests.periods(now=utcnow())
    waiting = {"look": None, "view": _view(draft), "periods": periods, "drawing": None}
    return {"backtest": waiting | {"compared": None, "effect": None}}


def context_of(draft: Draft, look: BacktestView) -> dict[str, Any]:
    compared = drawing = effect = None
    if look.result is not None and look.trigger is not None:
        if look.saved is not None:
            compared = backtests.differences(look.result, look.saved)
        drawing = timeline.draw(look.trigger, look.result, compared)
        effect = backtests.effect_of(look.result)
    context = {
        "look": look,
        "missing": [sentence_in_place(draft.document, problem) for problem in look.problems],
        "view": _view(draft),
        "periods": backtests.periods(now=utcnow()),
        "drawing": drawing,
        "compared": compared,
        "effect": effect,
    }
    return {"draft": draft, "title": "Backtest", "backtest": context}


def _as_chosen(request: HtmxRequest, draft: Draft) -> Draft:
    """What the person looks at is kept in the draft; asking for it again changes nothing."""
    chosen: dict[str, str] = {}
    for name, key, known in (
        ("period", "backtest_period", tuple(backtests.PERIODS)),
        ("view", "backtest_view", VIEWS),
    ):
        value = request.GET.get(name, "")
        if value in known and draft.chosen.get(key) != value:
            chosen[key] = value
    if not chosen:
        return draft
    return drafts.choose(draft.pk, author=request.user.get_username(), chosen=chosen)


def _view(draft: Draft) -> str:
    view = draft.chosen.get("backtest_view")
    return view if view in VIEWS else VIEWS[0]
