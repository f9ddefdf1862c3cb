"""One's own account: password, theme; for admins the API keys."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts_app.models import Role
from accounts_app.services import access
from accounts_app.web.guards import administrating, changing_oneself, is_admin, page
from project.lib import hashing, password_attempts
from project.lib.clock import utcnow
from project.lib.htmx import HtmxRequest, Toast, invalid, not_now, saved

PAGE = "accounts_app/account.html"
PASSWORD, KEYS = "accounts_app/_password.html", "accounts_app/_keys.html"
THEMES = {"": "As the system", "light": "Light", "dark": "Dark"}
YEAR_SECONDS = 365 * 24 * 3600
MAX_NAME = 100
TOO_MANY = "Too many wrong passwords. Wait five minutes, then try again."
BUSY = "Many passwords are being checked just now. Try again in a few seconds."


@page
def account(request: HtmxRequest) -> HttpResponse:
    return render(request, PAGE, _context(request))


def _context(request: HtmxRequest, **changes: Any) -> dict[str, Any]:
    admin = is_admin(request)
    context: dict[str, Any] = {
        "problems": {},
        "admin": admin,
        "role": access.identity_of_user(request.user).role,  # type: ignore[arg-type]
        "themes": list(THEMES.items()),
        "theme": request.COOKIES.get("theme", ""),
        "keys": access.all_keys() if admin else [],
        "roles": [(role.value, role.label) for role in Role],
        "fresh_key": "",
        "typed": {},
    }
    return context | changes


@sensitive_post_parameters()
@changing_oneself
def password(request: HtmxRequest) -> HttpResponse:
    """Guessing the present password is bounded as signing in is, by the same counts."""
    who, address = request.user.get_username(), request.META.get("REMOTE_ADDR", "")
    attempt = password_attempts.begin(who, address)
    if attempt.retry_after:
        return _not_now(request, TOO_MANY, status=429, retry_after=attempt.retry_after)
    form = PasswordChangeForm(request.user, request.POST)  # type: ignore[arg-type]
    try:
        with hashing.on_behalf_of(attempt.user, address):
            if not form.is_valid():
                if "old_password" not in form.errors:
                    password_attempts.take_back(attempt)
                return _refused(request, form)
            form.save()
            update_session_auth_hash(request, form.user)
    except hashing.Busy:
        password_attempts.take_back(attempt)
        wait = hashing.RETRY_AFTER_SECONDS
        return _not_now(request, BUSY, status=503, retry_after=wait)
    password_attempts.clear(attempt)
    toast = Toast("Your password is changed. Other sessions of yours are signed out.")
    back = reverse("account:one")
    return saved(
        request, PASSWORD, _context(request), event="password-changed", back=back, toast=toast
    )


def _refused(request: HtmxRequest, form: PasswordChangeForm) -> HttpResponse:
    problems = {
        name: [str(one) for one in field_errors] for name, field_errors in form.errors.items()
    }
    return invalid(request, PAGE, PASSWORD, _context(request, problems=problems))


def _not_now(request: HtmxRequest, text: str, *, status: int, retry_after: int) -> HttpResponse:
    context = _context(request, problems={"old_password": [text]})
    return not_now(request, PAGE, PASSWORD, context, status=status, retry_after=retry_after)


@changing_oneself
def theme(request: HtmxRequest) -> HttpResponse:
    response = HttpResponseRedirect(reverse("account:one"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES and chosen:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@sensitive_post_parameters()
@administrating
def create_key(request: HtmxRequest) -> HttpResponse:
    """The answer shows the key, this once; so it is no redirect, with or without a script."""
    name, role = request.POST.get("name", "").strip(), request.POST.get("role", "")
    problems: dict[str, list[str]] = {}
    if not name or len(name) > MAX_NAME or "\0" in name:
        problems["name"] = [f"Name what will use the key, in at most {MAX_NAME} characters."]
    if role not in Role.values:
        problems["role"] = ["Choose what the key may do."]
    if problems:
        typed = {"name": name, "role": role}
        return invalid(request, PAGE, KEYS, _context(request, problems=problems, typed=typed))
    fresh = access.create_key(name, Role(role), utcnow())
    template = KEYS if request.htmx else PAGE
    return render(request, template, _context(request, fresh_key=fresh))


@administrating
def revoke_key(request: HtmxRequest, key_id: int) -> HttpResponse:
    if not access.revoke_key(key_id, now=utcnow()):
        raise Http404("No key has this id, or it is revoked already.")
    toast = Toast("The key is revoked. It opens nothing any more within 5 s.")
    back = reverse("account:one")
    return saved(request, KEYS, _context(request), event="key-revoked", back=back, toast=toast)
