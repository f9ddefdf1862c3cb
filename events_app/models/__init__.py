from events_app.models.access import ApiKey, Role
from events_app.models.events import Event, EventOutbox, Reader, RejectedEvent

__all__ = ["ApiKey", "Event", "EventOutbox", "Reader", "RejectedEvent", "Role"]
