"""Who may see a page, and who may change something on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.htmx import HtmxRequest

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HtmxRequest, Parameters], HttpResponse]


def page(view: "View[Parameters]") -> "View[Parameters]":
    """For everybody who is signed in; it only shows."""
    return _signed_in(require_safe(view))


def editing(view: "View[Parameters]") -> "View[Parameters]":
    """For editors and admins, by POST; 403 for viewers."""

    return _signed_in(require_POST(_for(Role.EDITOR, view)))


def _for(role: Role, view: "View[Parameters]") -> "View[Parameters]":
    @wraps(view)
    def guarded(
        request: HtmxRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if not _has(request, role):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def editors_page(view: "View[Parameters]") -> "View[Parameters]":
    """A form that only editors and admins may fill in; 403 for viewers."""
    return page(_for(Role.EDITOR, view))


def admins_page(view: "View[Parameters]") -> "View[Parameters]":
    """For admins; 403 for everybody else."""
    return page(_for(Role.ADMIN, view))


def administrating(view: "View[Parameters]") -> "View[Parameters]":
    """For admins, by POST; 403 for everybody else."""
    return _signed_in(require_POST(_for(Role.ADMIN, view)))


def changing_oneself(view: "View[Parameters]") -> "View[Parameters]":
    """For everybody who is signed in, by POST."""
    return _signed_in(require_POST(view))


def can_edit(request: HttpRequest) -> bool:
    return _has(request, Role.EDITOR)


def is_admin(request: HttpRequest) -> bool:
    return _has(request, Role.ADMIN)


def _has(request: HttpRequest, role: Role) -> bool:
    if not request.user.is_authenticated:
        return False
    return access.may(access.identity_of_user(request.user), role)


def _signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    # Django pads what it compresses, so that the size of a page does not give its token away.
    compressed = gzip_page(view)

    @wraps(view)
    def guarded(request: HtmxRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return compressed(request, *args, **kwargs)
        if request.htmx:
            # The sign-in page must not replace a fragment; loading the page anew leads there.
            return HttpResponseClientRefresh()
        return redirect_to_login(request.get_full_path())

    return guarded
