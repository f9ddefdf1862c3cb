"""The API's door: a key in the header, or the session of someone who is signed in."""

import re

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from accounts_app.models import Role
from accounts_app.services import access
from accounts_app.services.access import KeyIdentity
from project.lib.api_errors import ApiError
from project.lib.clock import utcnow

# POST because their filters are documents; they change nothing.
READING = re.compile(
    r"/(filter|filter/minimal|count|count-by/[^/]+|history|lateness|paginate|get_scheduled_flow_runs|templates/validate)/?$"
)


class ApiAccess(AuthBase):
    """`request.auth` becomes an Identity. 401 without one, 403 when its role is too small."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    csrf = True  # tells the docs page to send the token with what it tries out

    def __call__(self, request: HttpRequest) -> KeyIdentity | None:
        identity = identify(request)
        if identity and not access.may(identity, needed_role(request)):
            needed = needed_role(request).value
            detail = f"This needs the role {needed}; yours is {identity.role.value}."
            raise ApiError(403, {"detail": detail})
        return identity


def identify(request: HttpRequest) -> KeyIdentity | None:
    """Raises ApiError 403 when a session's request lacks its CSRF token."""
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        return access.authenticate(authorization, now=utcnow())
    if not request.user.is_authenticated:
        return None
    # The API's views are exempt from the middleware, as keys need no token; sessions do.
    if check_csrf(request):
        raise ApiError(403, {"detail": "CSRF token missing or incorrect."})
    return access.identity_of_user(request.user)


def needed_role(request: HttpRequest) -> Role:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return Role.VIEWER
    if request.method == "POST" and READING.search(request.path):
        return Role.VIEWER
    return Role.EDITOR
