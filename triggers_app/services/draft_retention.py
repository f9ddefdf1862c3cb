"""Deleting the drafts that nobody goes on with. The builder need not be there for that."""

from datetime import datetime, timedelta

from triggers_app.storage import drafts

KEPT = timedelta(days=30)
_AT_ONCE = 1000


def delete_old(*, now: datetime) -> int:
    """Delete drafts that nobody touched for 30 days, 1,000 at most; how many. One query."""
    return drafts.delete_older(now - KEPT, limit=_AT_ONCE)
