from events_app.models.access import ApiKey, Role
from events_app.models.events import Event, EventCount, EventOutbox, Reader, RejectedEvent

__all__ = ["ApiKey", "Event", "EventCount", "EventOutbox", "Reader", "RejectedEvent", "Role"]
