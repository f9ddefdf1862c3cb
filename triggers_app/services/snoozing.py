"""Snoozing: until a time nothing follows from the firings of an automation, or of one key.

It is a fact with a place in the log, as a version is: the evaluator marks what it decides
behind that place, and a replay marks the same. A snooze ends by itself.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from events_app.stream import log
from project.lib import redis_client
from project.lib.moments import in_words
from project.lib.problems import Invalid, Problem
from triggers_app.models import Automation, Snooze
from triggers_app.storage import snoozes
from triggers_app.storage.snoozes import LONGEST


def snooze(
    automation_id: UUID,
    labels: Mapping[str, str],
    *,
    until: datetime,
    author: str,
    reason: str = "",
    now: datetime,
) -> Snooze:
    """Let nothing follow until then; another snooze of the same labels is replaced.

    `labels` are those of one key, or empty. Raises Automation.DoesNotExist, and Invalid when the
    time is over or too far away.
    """
    if until <= now:
        raise Invalid([Problem(("until",), "Choose a time that is still to come.")])
    if until > now + LONGEST:
        most = f"A snooze lasts {in_words(LONGEST)} at most; to stop it for good, switch it off."
        raise Invalid([Problem(("until",), most)])
    return _say(
        automation_id, labels, until=until, ends=False, author=author, reason=reason, now=now
    )


def end(automation_id: UUID, labels: Mapping[str, str], *, author: str, now: datetime) -> Snooze:
    """Let its firings act again from now on. Raises Automation.DoesNotExist."""
    return _say(automation_id, labels, until=now, ends=True, author=author, reason="", now=now)


def _say(
    automation_id: UUID,
    labels: Mapping[str, str],
    *,
    until: datetime,
    ends: bool,
    author: str,
    reason: str,
    now: datetime,
) -> Snooze:
    client = redis_client.client()
    effective_after = log.append_wakeup(client)
    with transaction.atomic():
        if not Automation.objects.filter(pk=automation_id, deleted=None).exists():
            raise Automation.DoesNotExist
        row = snoozes.add(
            automation_id, labels, until=until, ends=ends, effective_after=effective_after,
            author=author, reason=reason, now=now,
        )  # fmt: skip
        transaction.on_commit(partial(log.append_wakeup, client), robust=True)
    return row
