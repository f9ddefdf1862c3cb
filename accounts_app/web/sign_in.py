"""Signing in and out of the workbench."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from project.lib import hashing, password_attempts
from project.lib.outages import mark_as_logged

WRONG = "That user name and password do not belong together."
TOO_MANY = "Too many failed attempts. Wait five minutes, then try again."
BUSY = "Many people are signing in just now. Try again in a few seconds."


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _target(request)
    if request.method == "POST":
        return _attempt(request, target)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    return _page(request, AuthenticationForm(request), target)


def _attempt(request: HttpRequest, target: str) -> HttpResponse:
    who, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    attempt = password_attempts.begin(who, address)
    if attempt.retry_after:
        wait = attempt.retry_after
        return _page(request, _empty(request), target, TOO_MANY, status=429, retry_after=wait)
    form = AuthenticationForm(request, data=request.POST)
    try:
        with hashing.on_behalf_of(attempt.user, address):
            right = form.is_valid()
    except hashing.Busy:
        password_attempts.take_back(attempt)
        wait = hashing.RETRY_AFTER_SECONDS
        return _page(request, _empty(request), target, BUSY, status=503, retry_after=wait)
    if not right:
        return _page(request, form, target, WRONG, status=422)
    password_attempts.clear(attempt)
    login(request, form.get_user())
    return HttpResponseRedirect(target)


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        raise PermissionDenied  # signed in, but not staff; signing in again would not help
    return redirect_to_login(_target(request))


def admin_password_change(request: HttpRequest) -> HttpResponse:
    """The admin's own form would let the present password be guessed without being counted."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("account:one"))
    return redirect("account:one")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _empty(request: HttpRequest) -> AuthenticationForm:
    """A form that keeps the name that was typed, and looks at nothing."""
    return AuthenticationForm(request, initial={"username": request.POST.get("username", "")})


def _page(
    request: HttpRequest,
    form: AuthenticationForm,
    target: str,
    message: str = "",
    *,
    status: int = 200,
    retry_after: int = 0,
) -> HttpResponse:
    context = {"form": form, "next": target, "message": message}
    response = render(request, "accounts_app/sign_in.html", context, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    if status == 503:
        mark_as_logged(response)
    return response


def _target(request: HttpRequest) -> str:
    """Where to go afterwards; never to another site, and only to an address from the root."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours and target.startswith("/") else str(settings.LOGIN_REDIRECT_URL)
