"""Signing in and out of the workbench."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from project import sign_in_limit

TOO_MANY = "Too many failed attempts. Wait five minutes, then try again."


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _target(request)
    if request.user.is_authenticated and request.method != "POST":
        return redirect(target)
    form = AuthenticationForm(request, data=request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        who, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
        if sign_in_limit.is_exceeded(who, address):
            form = AuthenticationForm(request)
            form.cleaned_data = {}
            return _page(request, form, target, status=429, message=TOO_MANY)
        if form.is_valid():
            sign_in_limit.forget(who, address)
            login(request, form.get_user())
            return redirect(target)
        sign_in_limit.count_failure(who, address)
        status = 422
    return _page(request, form, target, status=status)


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        raise PermissionDenied  # signed in, but not staff; signing in again would not help
    return redirect_to_login(_target(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _page(
    request: HttpRequest, form: AuthenticationForm, target: str, *, status: int, message: str = ""
) -> HttpResponse:
    if status == 422:
        message = "That user name and password do not belong together."
    context = {"form": form, "next": target, "message": message}
    return render(request, "project/sign_in.html", context, status=status)


def _target(request: HttpRequest) -> str:
    """Where to go afterwards; never to another site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else str(settings.LOGIN_REDIRECT_URL)
