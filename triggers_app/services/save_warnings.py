"""What was saved and is questionable all the same, in sentences for whoever saved it."""

from triggers_app.domain.automation import AutomationDocument
from triggers_app.domain.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.services import cycle_guard


def of(posted: AutomationDocument | None, row: Automation) -> list[str]:
    """`posted` is what was asked for, where that was a whole document. No query where there is
    nothing to tell."""
    told = []
    if posted is not None and posted.enabled != row.enabled:
        told.append(_KEPT_ON if row.enabled else _KEPT_OFF)
    if row.guarded:
        paths = cycle_guard.certain_paths(parse_automation(row.document), row.pk)
        told += [f"{_GUARDED} The loop: {path}." for path in paths] or [_GUARDED]
    return told


_KEPT_OFF = "It stays off, because a person has switched it off since it was deployed."
_KEPT_ON = "It stays on, because a person has switched it on since it was deployed."
_GUARDED = (
    "This automation runs in a loop, so it is guarded: it ignores the events that it has "
    "caused itself, and fires for all others."
)
