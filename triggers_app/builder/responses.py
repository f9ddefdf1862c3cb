"""What an accepted edit sends: everything that the new revision changed, out of band.

The form's own answer is small, and never replaces what somebody types in; only where the tree
has other parts than the page shows it is sent whole. Whatever else edits the draft sends the
whole form, as nobody types in it just then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from project.lib.htmx import HtmxRequest
from triggers_app.automation.running_tests import tests_passed
from triggers_app.builder.context import FormContext, form_context
from triggers_app.builder.drafts.draft_analysis import read_draft
from triggers_app.builder.drafts.service import Applied
from triggers_app.builder.params import at_of, fresh_of
from triggers_app.builder.refusal import Refusal
from triggers_app.builder.selection import ALL, of_focus

EVENT = "rev-changed"
EDITED, CHANGED = "triggers_app/builder/_edited.html", "triggers_app/builder/_changed.html"
SELECTED = "triggers_app/builder/_selected.html"
REFUSED = "triggers_app/builder/_refused.html"
MOST_FIELDS = 2_000
FORM_HEADER = "Flint-Form"


def edited(
    request: HtmxRequest,
    applied: Applied,
    *,
    finding: Mapping[str, str] | None = None,
    at: str = "",
    adds: bool = False,
) -> HttpResponse:
    """The answer to the form itself.

    `finding` when it was asked what actions may be about, `at` when it was asked to show a part,
    `adds` when a part was added: that one is not called incomplete before it was left once.
    """
    whole = applied.structural or finding is not None or bool(at)
    return _answer(request, HttpResponse(), applied, whole=whole, finding=finding, at=at, adds=adds)


def refused(request: HtmxRequest, applied: Applied, refusal: Refusal) -> HttpResponse:
    """422: nothing was saved, and why; what was typed is in the draft all the same."""
    response = _answer(request, HttpResponse(status=422), applied, whole=applied.structural)
    why = render(request, REFUSED, {"refused": refusal, "draft": applied.draft, "oob": True})
    response.write(why.content.decode())
    return response


def changed(request: HtmxRequest, response: HttpResponse, applied: Applied) -> HttpResponse:
    """Add to `response`, the fragment of another part, what its edit changed in the form.

    The page hears `rev-changed`, and asks once for everything that follows (`follow.py`).
    """
    return _answer(request, response, applied, whole=True)


def _answer(
    request: HtmxRequest,
    response: HttpResponse,
    applied: Applied,
    *,
    whole: bool,
    finding: Mapping[str, str] | None = None,
    at: str = "",
    adds: bool = False,
) -> HttpResponse:
    draft = applied.draft
    reading = read_draft(draft)
    at, before = at or next_in_view(request, applied), at_of(request)
    fresh = at if adds else fresh_of(request)
    form = form_context(
        draft, reading, problems=applied.problems, whole=whole, finding=finding, at=at, fresh=fresh
    )
    context: dict[str, Any] = {
        "draft": draft,
        "rev": applied.rev,
        "sentence": reading.sentence,
        "complete": reading.complete,
        "shown": form,
        "enter": adds,
        "before": before,
        "texts_anew": whole and form.at != before,
        "oob": True,
        "focus": applied.focus or "",
        "said": applied.did or " ".join(applied.problems.get("", ())),
        "told": _problem_regions(request, form),
        **tests_passed(draft.document),
    }
    lines = whole and not applied.structural and finding is None and ALL not in (at, before)
    parts = render(request, SELECTED if lines else CHANGED if whole else EDITED, context)
    response.write(parts.content.decode())
    response[FORM_HEADER] = "whole" if whole else "beside"  # builder.js keeps its texts by it
    return trigger_client_event(response, EVENT, {"rev": applied.rev})


def next_in_view(request: HtmxRequest, applied: Applied) -> str:
    """What the inspector shows next: what was just made or moved, else what it showed."""
    at = at_of(request)
    return at if at == ALL else of_focus(applied.focus) or at


def _problem_regions(request: HtmxRequest, form: FormContext) -> list[tuple[str, Sequence[str]]]:
    """Problems by field, also of those fields that had some when the form was sent."""
    before = request.POST.get("troubled", "").split()[:MOST_FIELDS]
    slots = form.slots
    names = dict.fromkeys([*form.problems, *(name for name in before if name in slots)])
    return [(name, form.problems.get(name, ())) for name in names if form.is_in_view(name)]


def anchor_of(applied: Applied) -> str:
    return f"#{applied.focus}" if applied.focus else "#builder-form"
