"""One way to answer pages and their fragments, with HTMX and without a script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from project.lib.outages import mark_as_logged


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


ALONE = "ui/alone.html"
TOAST = "ui/_toast.html"


@dataclass(frozen=True, slots=True)
class Toast:
    """One sentence about what was done; with `undo`, a form that takes it back.

    `target` is the selector of the fragment that the undoing answers with.
    """

    text: str
    undo: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    target: str = ""


def page_or_fragment(
    request: HtmxRequest, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """The fragment for HTMX, the page that includes it for everybody else.

    The page `ui/alone.html` shows a fragment that belongs to a page of another app; it
    wants `title` in the context.
    """
    wants_fragment = request.htmx and not request.htmx.history_restore_request
    response = render(
        request, fragment if wants_fragment else page, {**context, "fragment": fragment}
    )
    # Without it a browser's Back button may show a fragment as if it were the page.
    patch_vary_headers(response, ["HX-Request"])
    return response


def unchanged() -> HttpResponse:
    """204: what the client has seen is still the newest. HTMX swaps nothing."""
    return HttpResponse(status=204)


def saved(
    request: HtmxRequest,
    fragment: str,
    context: dict[str, Any],
    *,
    event: str,
    back: str,
    toast: Toast | None = None,
) -> HttpResponse:
    """200 with the fragment, a toast and a client event (past tense).

    Without HTMX back to `back`, which says the sentence of the toast at its top.
    """
    if not request.htmx:
        if toast is not None:
            messages.success(request, toast.text)
        return HttpResponseRedirect(back)
    response = render(request, fragment, context)
    if toast is not None:
        response.write(render(request, TOAST, {"toast": toast}).content.decode())
    return trigger_client_event(response, event)


def invalid(
    request: HtmxRequest, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """422 with the fragment (or the page) that says what was refused, and why."""
    response = page_or_fragment(request, page, fragment, context)
    response.status_code = 422
    return response


def not_now(
    request: HtmxRequest,
    page: str,
    fragment: str,
    context: dict[str, Any],
    *,
    status: int,
    retry_after: int,
) -> HttpResponse:
    """429 or 503 with the fragment (or the page) that says when to try again (in seconds)."""
    response = page_or_fragment(request, page, fragment, context)
    response.status_code = status
    response["Retry-After"] = str(retry_after)
    response["Flint-Fragment"] = "true"  # app.js shows it, unlike other errors
    if status == 503:
        mark_as_logged(response)
    return response


def seen(request: HttpRequest, newest: str) -> bool:
    """Whether the live region that asks already shows `newest`."""
    return request.GET.get("seen") == newest
