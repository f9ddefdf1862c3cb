"""Events that the log accepted and PostgreSQL refused."""

from collections.abc import Sequence
from datetime import datetime

from events_app.models import RejectedEvent


def drop_before(moment: datetime) -> int:
    """Delete what was set aside before; how many that was."""
    count, _ = RejectedEvent.objects.filter(created__lt=moment).delete()
    return count


def add(frames: Sequence[tuple[bytes, str]]) -> None:
    """Refused bodies with their reasons; they never had a position. One query."""
    RejectedEvent.objects.bulk_create(
        [RejectedEvent(body=body, reason=reason.replace("\x00", "")) for body, reason in frames]
    )
