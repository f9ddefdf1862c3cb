"""Events that the log accepted and PostgreSQL refused."""

from datetime import datetime

from events_app.models import RejectedEvent


def drop_before(moment: datetime) -> int:
    """Delete what was set aside before; how many that was."""
    count, _ = RejectedEvent.objects.filter(created__lt=moment).delete()
    return count
