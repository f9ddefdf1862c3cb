"""The template editor: what the actions say, tried on an event while it is written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import reswap, retarget

from accounts_app.web.guards import editing, editors_page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, invalid, page_or_fragment, unchanged
from project.lib.line_ends import newlines
from project.lib.problems import Invalid
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.builder import responses as answers
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.parameters import (
    chosen_event,
)
from triggers_app.builder.parameters import (
    edits as parameter_edits,
)
from triggers_app.builder.parameters import (
    firings as parameter_firings,
)
from triggers_app.builder.parameters.chosen_event import CHOSEN
from triggers_app.builder.parameters.dry_run import Place
from triggers_app.builder.parameters.edits import ActionGone, Edited, TextEdit
from triggers_app.builder.parameters.rows import MODES, Given, Mode
from triggers_app.builder.parameters.service import ActionTexts, Editor
from triggers_app.builder.parameters.template_variables import variables_here
from triggers_app.builder.params import at_of, draft_of, rev_of
from triggers_app.builder.selection import ALL
from triggers_app.models import Draft

ALONE = "ui/alone.html"
FRAGMENT = "triggers_app/builder/_parameters.html"
FIRINGS = "triggers_app/builder/_parameters_firings.html"
EDITED = "triggers_app/builder/_parameters_edited.html"
MOST_ROWS = 500


@editors_page
def parameters(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    draft = draft_of(request, draft_id)
    editor, at = Editor(draft, draft.document, now=utcnow()), at_of(request)
    if request.GET.get("seen") == f"{at}:{editor.fingerprint()}":
        return unchanged()
    return page_or_fragment(request, ALONE, FRAGMENT, _alone(editor, at))


def of_selected(draft: Draft, at: str) -> dict[str, Any]:
    """For the builder's page: the texts of the action that the inspector shows."""
    return {"texts": texts_of(Editor(draft, draft.document, now=utcnow()), at)}


def _name_of(place: Place) -> str:
    return f"a.{place[0]}.{place[1]}"


@editing
def edit(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """Rows of one action, one row by a help, a new row, or all of them as JSON."""
    draft, posted = draft_of(request, draft_id), _posted(request)
    place = _place_of(posted)
    writing = TextEdit(draft, place, rev_of(request), utcnow())
    try:
        edited = _edited(writing, posted)
    except ActionGone:
        edited = Edited(draft, problems={"": parameter_edits.GONE})
    if not request.htmx and not edited.problems:
        return HttpResponseRedirect(_back(draft_id, place))
    editor = Editor(edited.draft, edited.draft.document, now=writing.now)
    problem_sentence = _alone(editor, at_of(request), problems=edited.problems, problems_at=place)
    if not request.htmx:
        problem_sentence["texts"]["actions"] = [
            (_as_typed(action, posted) if action.place == place else action, shape)
            for action, shape in problem_sentence["texts"]["actions"]
        ]
        return invalid(request, ALONE, FRAGMENT, problem_sentence)
    if place not in editor.jobs:
        response = page_or_fragment(request, ALONE, FRAGMENT, problem_sentence)
        return reswap(retarget(response, "#builder-parameters"), "outerHTML")
    response = render(request, EDITED, {**problem_sentence, **_news(posted, editor, place, edited)})
    if edited.applied is not None:
        answers.changed(request, response, edited.applied)
    return response


def _posted(request: HtmxRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


def _edited(writing: TextEdit, posted: Mapping[str, str]) -> Edited:
    if "object" in posted:
        name = posted["object"]
        if name not in parameter_edits.OBJECTS:
            raise Http404("No such part of an action.")
        return parameter_edits.set_object(writing, name, posted.get(name, ""))
    if "help" in posted:
        name, mode, text = _help(posted["help"])
        return parameter_edits.set_row(writing, name, mode, text)
    edited = parameter_edits.edit_rows(writing, _given(posted))
    name = posted.get("new", "").strip()
    if "add" not in posted or not name:
        return edited
    return parameter_edits.set_row(writing, name, "template", "")


def _as_typed(action: ActionTexts, posted: Mapping[str, str]) -> ActionTexts:
    """With what was typed, where it could not be taken: nobody writes it again."""
    if "object" in posted:
        text = posted.get(posted["object"], "")
        if posted["object"] == "parameters":
            return replace(action, raw=text)
        return replace(action, job_variables=text)
    rows = []
    for one in action.rows:
        typed = posted.get(f"row.{one.n}.text")
        if typed is not None and posted.get(f"row.{one.n}.choice") == "json":
            one = replace(one, row=replace(one.row, mode="json", text=typed))
        rows.append(one)
    return replace(action, rows=rows)


def _help(text: str) -> tuple[str, Any, str]:
    try:
        name, mode, value = json.loads(text)
    except (ValueError, TypeError):
        raise Http404("This help is none.") from None
    if mode not in MODES or not isinstance(name, str) or not isinstance(value, str):
        raise Http404("This help is none.")
    return name, mode, value


def _given(posted: Mapping[str, str]) -> dict[str, Given]:
    """The rows of the form: `row.<n>.name`, `.choice` and `.text`."""
    given = {}
    for n in range(MOST_ROWS):
        name = posted.get(f"row.{n}.name")
        if name is None:
            break
        text = newlines(posted.get(f"row.{n}.text", ""))
        given[newlines(name)] = Given(name, posted.get(f"row.{n}.choice", ""), text)
    return given


def _place_of(posted: Mapping[str, str]) -> Place:
    name, _, index = posted.get("place", "").partition(".")
    if name not in ACTION_LISTS or not (index.isascii() and index.isdecimal() and len(index) < 5):
        raise Http404("No such action.")
    return name, int(index)


def _news(
    posted: Mapping[str, str], editor: Editor, place: Place, edited: Edited
) -> dict[str, Any]:
    """What the page needs anew: never the field that somebody writes in."""
    action = _with_requested_fields(editor.action(place), posted)
    shape = _shape(action.rows)
    before = posted.get("shape", "")
    by_click = {"help", "object", "add"} & set(posted)
    return {
        "action": action,
        "shape": shape,
        "by_rows": "object" not in posted,
        "opened": posted.get("object", ""),
        "whole": len(before) != len(shape) or "object" in posted or "add" in posted,
        "anew": {
            each.n
            for each, was, now in zip(action.rows, before, shape, strict=False)
            if was != now or (by_click and each.row.name in edited.changed)
        },
    }


def _with_requested_fields(action: ActionTexts, posted: Mapping[str, str]) -> ActionTexts:
    """Where a template was chosen in the place of a choice, a field to write it in."""
    rows = []
    for one in action.rows:
        choice = posted.get(f"row.{one.n}.choice")
        if not one.row.written and choice in ("template", "json"):
            mode: Mode = "template" if choice == "template" else "json"
            one = replace(one, row=replace(one.row, mode=mode, text=""))
        rows.append(one)
    return replace(action, rows=rows)


def _shape(rows: Any) -> str:
    """Which rows have a field to write in; the page sends back what it shows."""
    return "".join("w" if each.row.written else "c" for each in rows)


@editing
def choose(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """The event to try the templates on: one by its id, a pasted one, or the usual one again."""
    draft, now = draft_of(request, draft_id), utcnow()
    pasted = request.POST.get("pasted", "").strip()
    chosen: dict[str, Any] = {CHOSEN: None}
    try:
        if pasted:
            chosen = chosen_event.pasted_choice(pasted, now=now)
        elif request.POST.get("event"):
            chosen = {CHOSEN: {"id": request.POST["event"][:100]}}
    except Invalid as error:
        editor = Editor(draft, draft.document, now=now)
        problems = [str(one) for one in error.problems]
        problem_sentence = _alone(editor, at_of(request), pasted=pasted, pasted_problems=problems)
        return invalid(request, ALONE, FRAGMENT, problem_sentence)
    draft = drafts.choose(draft.pk, author=draft.author, chosen=chosen)
    if not request.htmx:
        return HttpResponseRedirect(_back(draft_id))
    return page_or_fragment(
        request, ALONE, FRAGMENT, _alone(Editor(draft, draft.document, now=now), at_of(request))
    )


@editors_page
def firings(request: HtmxRequest, draft_id: UUID) -> HttpResponse:
    """How the actions fare on every firing of the backtest, once there is one."""
    draft = draft_of(request, draft_id)
    over = parameter_firings.over_firings(draft, now=utcnow())
    problem_sentence = {"title": "On all firings of the backtest", "draft": draft, "over": over}
    return page_or_fragment(request, ALONE, FIRINGS, problem_sentence)


def _back(draft_id: UUID, place: Place | None = None) -> str:
    anchor = f"texts-{place[0]}-{place[1]}" if place else "builder-parameters"
    return f"{reverse('builder:page', args=[draft_id])}?tab=parameters#{anchor}"


def _alone(editor: Editor, at: str, **more: Any) -> dict[str, Any]:
    """For the fragment by itself; on the builder's page the names belong to all parts."""
    return {"title": "Parameters", "draft": editor.draft, "texts": texts_of(editor, at) | more}


def texts_of(editor: Editor, at: str) -> dict[str, Any]:
    """Of the action `at`, or of all of them."""
    actions = [one for one in editor.actions if at in (ALL, _name_of(one.place))]
    return {
        "seen": f"{at}:{editor.fingerprint()}",
        "chosen": editor.chosen,
        "recent": editor.recent,
        "actions": [(action, _shape(action.rows)) for action in actions],
        "variables": variables_here(editor.chosen, editor.document, editor.recent),
        "problems": {},
        "problems_at": None,
        "pasted": "",
        "pasted_problems": [],
    }
