from events_app.models.events import Event, EventCount, EventOutbox, Reader, RejectedEvent

__all__ = ["Event", "EventCount", "EventOutbox", "Reader", "RejectedEvent"]
