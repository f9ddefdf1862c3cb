"""What every address of the builder is asked about: a draft, and the revision that was seen."""

from datetime import date, datetime
from uuid import UUID

from django.http import Http404, QueryDict

from project.lib.htmx import HtmxRequest
from triggers_app.automation.editing.forms import TOP
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.selection import ALL
from triggers_app.models import Draft

MAX_REV = 2**31 - 1
FIND = "find."
LONGEST = 200
AT_HEADER, FRESH_HEADER = "Flint-At", "Flint-Fresh"  # builder.js says it with every request
NO_DRAFT = "No draft of yours has this id."


def draft_of(request: HtmxRequest, draft_id: UUID) -> Draft:
    """The draft, if it is theirs who ask; nobody else learns that it is there."""
    try:
        return drafts.find(draft_id, author=request.user.get_username())
    except Draft.DoesNotExist as error:
        raise Http404(NO_DRAFT) from error


def rev_of(request: HtmxRequest) -> int:
    """The revision on which an edit was made; 0, which differs from all, where none is said."""
    text = request.POST.get("rev", "")
    return min(int(text), MAX_REV) if text.isascii() and text.isdecimal() else 0


def seen_of(request: HtmxRequest) -> int | None:
    """The revision that a part shows, or None where it shows none yet."""
    text = request.GET.get("seen", "")
    return min(int(text), MAX_REV) if text.isascii() and text.isdecimal() else None


def at_of(request: HtmxRequest) -> str:
    """What the inspector shows; a form that does not say it shows everything."""
    posted = request.POST.get("at") or request.headers.get(AT_HEADER, "")
    return posted[:LONGEST] or ALL


def fresh_of(request: HtmxRequest) -> str:
    """The part that was added last, while the inspector still shows it."""
    fresh = request.POST.get("fresh") or request.headers.get(FRESH_HEADER, "")
    return fresh if fresh == at_of(request) else ""


def fields_of(request: HtmxRequest) -> dict[str, str]:
    """What was posted of the form itself; a field that came twice counts as it came last."""
    own = ("n.", "a.")
    return {
        name: value
        for name, value in request.POST.items()
        if isinstance(value, str) and (name in TOP or name.startswith(own))
    }


def finding_of(params: QueryDict) -> dict[str, str]:
    """What targets are looked for by, of each kind: `find.deployment`."""
    return {
        name.removeprefix(FIND): str(text).replace("\0", "")[:LONGEST]
        for name, text in params.items()
        if name.startswith(FIND)
    }


def moment_of(text: str) -> datetime | None:
    """A time of the log, with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and 1970 < moment.year < 9000 else None


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
