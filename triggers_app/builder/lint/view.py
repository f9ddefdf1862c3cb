"""What is questionable in a draft, with one click to settle it; and how often it would act."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, page_or_fragment, seen, unchanged
from project.lib.paging import fingerprint
from triggers_app.automation.document import actions_in
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.registry import RULES
from triggers_app.automation.lint.rule import LintRule
from triggers_app.builder import responses as answers
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis, read_draft
from triggers_app.builder.lint import impact as impact
from triggers_app.builder.lint import service as findings
from triggers_app.builder.lint.service import FindingView
from triggers_app.builder.params import draft_of, fresh_of, rev_of
from triggers_app.builder.selection import SETTINGS, owner_of
from triggers_app.models import Draft

FRAGMENT = "triggers_app/builder/_findings.html"
ALONE = "triggers_app/builder/findings.html"


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as the page shows it: `address` leads to the field that it is about."""

    view: FindingView
    address: str
    rule: LintRule | None


@editors_page
def of_draft(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    context = context_of(draft, read_draft(draft), here=bool(request.htmx), fresh=fresh_of(request))
    if seen(request, context["findings"]["seen"]):
        return unchanged()
    return page_or_fragment(request, ALONE, FRAGMENT, context)


@editing
def fix(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Settle one finding by an ordinary edit of the draft."""
    draft = draft_of(request, draft_id)
    applied = findings.fix(
        draft,
        request.POST.get("finding", ""),
        author=request.user.get_username(),
        rev=rev_of(request),
        now=utcnow(),
    )
    problem = " ".join(applied.problems.get("", ()))
    if not request.htmx:
        if problem or applied.did:
            messages.success(request, problem or f"{applied.did}. You can undo it.")
        address = reverse("builder:page", args=[draft_id])
        return HttpResponseRedirect(f"{address}#builder-findings")
    context = context_of(applied.draft, read_draft(applied.draft), here=True, problem=problem)
    response = render(request, FRAGMENT, context, status=422 if problem else 200)
    return answers.changed(request, response, applied)


def part(request: HtmxRequest, draft: Draft, reading: DraftAnalysis) -> dict[str, Any]:
    """For the builder's page."""
    return context_of(draft, reading, here=True)


def context_of(
    draft: Draft, reading: DraftAnalysis, *, here: bool, problem: str = "", fresh: str = ""
) -> dict[str, Any]:
    """`here`: what the links lead to stands on the same page.

    `fresh` is a part that was just added: that it is incomplete goes without saying.
    """
    known = findings.known(draft, now=utcnow())
    lines = [
        FindingLine(view, _address(draft, reading, view.field, here), RULES.get(view.code))
        for view in findings.views_of(draft, known.findings)
        if view.code or not fresh or owner_of(view.field) != fresh
    ]
    effect = impact.effect_of(draft, known.backtest)
    by_part = Counter(owner_of(line.view.field) for line in lines)
    by_node = Counter(line.view.node for line in lines if line.view.node)
    actions = [f"a.{of}.{index}" for (of, index), _ in actions_in(draft.document)]
    answer = {
        "lines": lines,
        "errors": sum(line.view.severity == "error" for line in lines),
        "by_node": {node: by_node.get(node, 0) for node in reading.nodes}
        | {name: by_part.get(name, 0) for name in actions},
        "checked": _checked(known.facts),
        "effect": effect,
        "problem": problem,
        "seen": fingerprint((draft.rev, lines, effect)),
    }
    return {"draft": draft, "title": "Problems", "findings": answer, "effect": effect}


def _address(draft: Draft, reading: DraftAnalysis, name: str, here: bool) -> str:
    """Where the field is, or the part that has none of this name."""
    page, owner = reverse("builder:page", args=[draft.pk]), owner_of(name)
    if name in reading.fields:
        anchor = f"field-{name}"
    elif owner.startswith("n."):
        anchor = f"node-{owner.partition('.')[2]}"
    elif owner:
        anchor = f"action-{owner.removeprefix('a.').replace('.', '-')}"
    else:
        anchor = "builder-form"
    return f"#{anchor}" if here else f"{page}?at={owner or SETTINGS}#{anchor}"


def _checked(facts: LintContext | None) -> Sequence[str]:
    """What was looked at, and what could not be."""
    if facts is None:
        return ()
    names = facts.event_names
    said = ["conditions, windows, actions and loops"]
    if names:
        said.append(f"{len(names):,} recorded {'name' if len(names) == 1 else 'names'} of events")
    if facts.backtest is not None:
        said.append("the backtest")
    return said
