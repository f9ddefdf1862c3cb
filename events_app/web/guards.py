"""Who may see a page, and who may change something on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from events_app.models import Role
from events_app.services import access
from project.lib.htmx import HtmxRequest

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HtmxRequest, Parameters], HttpResponse]


def page(view: "View[Parameters]") -> "View[Parameters]":
    """For everybody who is signed in; it only shows."""
    return _signed_in(require_safe(view))


def editing(view: "View[Parameters]") -> "View[Parameters]":
    """For editors and admins, by POST; 403 for viewers."""

    @wraps(view)
    def guarded(
        request: HtmxRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if not can_edit(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return _signed_in(require_POST(guarded))


def can_edit(request: HttpRequest) -> bool:
    if not request.user.is_authenticated:
        return False
    return access.may(access.identity_of_user(request.user), Role.EDITOR)


def _signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HtmxRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            # Whoever sits down here next must not find the page in a cache.
            patch_cache_control(response, private=True, no_cache=True)
            return response
        if request.htmx:
            # The sign-in page must not replace a fragment; loading the page anew leads there.
            return HttpResponseClientRefresh()
        return redirect_to_login(request.get_full_path())

    return guarded
