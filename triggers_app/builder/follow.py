"""What takes longer than the edit itself, in one answer to one request after it.

The answer of an edit has the sentence, the problems at fields and the tests. What is counted,
backtested and questionable follows together; only a backtest that is still running asks again.
"""

import time
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts_app.web.guards import editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest
from triggers_app.automation.running_tests import run_tests
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.backtest import view as backtest
from triggers_app.builder.drafts.draft_analysis import read_draft
from triggers_app.builder.lint import view as findings
from triggers_app.builder.numbers import view as numbers
from triggers_app.builder.page import address_of
from triggers_app.builder.params import draft_of, fresh_of

FRAGMENT = "triggers_app/builder/_follow.html"
WAIT_SECONDS = 0.15  # counts and problems shall not wait long for a backtest


@editors_page
def follow(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """`tests`: that tab is open; `findings`: what the page shows of problems already."""
    draft = draft_of(request, draft_id)
    if not request.htmx:
        return HttpResponseRedirect(address_of(draft))
    began = time.monotonic()
    stands = backtests.begin(draft, now=utcnow())  # in another process, while this one counts
    context = numbers.context_of(request, draft)
    left = WAIT_SECONDS - (time.monotonic() - began)
    context |= backtest.context_of(draft, stands(left))
    # After the backtest, on whose result some of the problems rest.
    context |= findings.context_of(draft, read_draft(draft), here=True, fresh=fresh_of(request))
    context["results"] = run_tests(draft.document) if request.GET.get("tests") else None
    if request.GET.get("findings") == context["findings"]["seen"]:
        context["findings"] = None
    return render(request, FRAGMENT, context)
