"""Blocks: a list, and a form for a block of any type. Secrets are written, never shown."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts_app.web.guards import can_edit, editing, editors_page, page
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, page_or_fragment, saved
from project.lib.problems import Invalid, Problem
from triggers_app.automation import block_form
from triggers_app.models import BlockDocument
from triggers_app.services import block_pages, blocks
from triggers_app.services.block_types import BlockRefused

LIST, ROWS = "triggers_app/blocks.html", "triggers_app/_blocks.html"
FORM, FIELDS = "triggers_app/block.html", "triggers_app/_block.html"


class BlockNameForm(forms.Form):
    name = forms.RegexField(
        regex=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=200,
        error_messages={"invalid": "Use lowercase letters, digits and dashes."},
    )


@page
def listed(request: HtmxRequest) -> HttpResponse:
    return page_or_fragment(request, LIST, ROWS, _list(request))


@editors_page
def new(request: HtmxRequest, slug: str) -> HttpResponse:
    block_type, schema = _type(slug)
    context = {
        "type": block_type,
        "block": None,
        "fields": block_pages.filled(schema.fields, None),
        "name": "",
        "problems": {},
    }
    return page_or_fragment(request, FORM, FIELDS, context)


@editing
def create(request: HtmxRequest, slug: str) -> HttpResponse:
    block_type, schema = _type(slug)
    named = BlockNameForm(request.POST)
    data, problems = block_form.read_form(schema.fields, _typed(request), changing=False)
    problems += [Problem(("name",), str(each)) for each in named.errors.get("name", ())]
    if not problems:
        try:
            made = blocks.create(named.cleaned_data["name"], slug, data)
            if made is not None:
                return _gone_to_list(request, f"Block {made['name']} created.")
            problems = [Problem(("name",), "A block of this type has this name.")]
        except Invalid as error:
            problems = _placed(error.problems)
        except BlockRefused as error:
            problems = [Problem((), str(error))]
    context = {
        "type": block_type,
        "block": None,
        "fields": block_pages.filled(schema.fields, None, _typed(request)),
        "name": request.POST.get("name", ""),
        "problems": _by_field(problems),
    }
    return invalid(request, FORM, FIELDS, context)


@page
def one(request: HtmxRequest, block_id: UUID) -> HttpResponse:
    return page_or_fragment(request, FORM, FIELDS, _form(request, _block(block_id)))


@editing
def change(request: HtmxRequest, block_id: UUID) -> HttpResponse:
    block = _block(block_id)
    schema = block.block_schema.fields
    data, problems = block_form.read_form(schema, _typed(request), changing=True)
    if not problems:
        try:
            blocks.change(block_id, data, merge=True, now=utcnow())
            return _gone_to_list(request, f"Block {block.name} saved.")
        except Invalid as error:
            problems = _placed(error.problems)
        except BlockRefused as error:
            problems = [Problem((), str(error))]
    context = _form(request, block) | {
        "fields": block_pages.filled(schema, block, _typed(request)),
        "problems": _by_field(problems),
    }
    return invalid(request, FORM, FIELDS, context)


@editing
def delete(request: HtmxRequest, block_id: UUID) -> HttpResponse:
    if not blocks.delete(block_id):
        raise Http404("No block has this id.")
    toast = Toast("Block deleted.")
    context = _list(request)
    back = reverse("blocks:list")
    return saved(request, ROWS, context, event="block-saved", back=back, toast=toast)


def _list(request: HtmxRequest) -> dict[str, Any]:
    return {
        "blocks": block_pages.listed(),
        "types": block_pages.types() if can_edit(request) else [],
        "most": block_pages.MOST,
        "can_edit": can_edit(request),
    }


def _form(request: HtmxRequest, block: BlockDocument) -> dict[str, Any]:
    return {
        "type": block.block_type,
        "block": block,
        "fields": block_pages.filled(block.block_schema.fields, block),
        "name": block.name,
        "problems": {},
        "can_edit": can_edit(request),
    }


def _type(slug: str) -> Any:
    block_type = block_pages.type_and_schema(slug)
    if block_type is None:
        raise Http404("No type of block has this name.")
    return block_type


def _block(block_id: UUID) -> BlockDocument:
    block_in_full = block_pages.one(block_id)
    if block_in_full is None:
        raise Http404("No block has this id.")
    return block_in_full


def _typed(request: HtmxRequest) -> dict[str, str]:
    """Fields have a prefix, as a type may have one called `name`."""
    return {
        name.removeprefix("data."): str(value)
        for name, value in request.POST.items()
        if name.startswith("data.")
    }


def _placed(problems: Iterable[Problem]) -> list[Problem]:
    """What is said of a place in the data is said of its field."""
    return [
        Problem(each.loc[1:] if each.loc[:1] == ("data",) else each.loc, each.msg)
        for each in problems
    ]


def _by_field(problems: Iterable[Problem]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for each in problems:
        said.setdefault(str(each.loc[0]) if each.loc else "", []).append(each.msg)
    return said


def _gone_to_list(request: HtmxRequest, text: str) -> HttpResponse:
    """The form posts without HTMX: its answer is another page."""
    back = reverse("blocks:list")
    return saved(request, ROWS, _list(request), event="block-saved", back=back, toast=Toast(text))
