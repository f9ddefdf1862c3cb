from django.urls import include, path

from events_app.web import events

_events = [
    path("", events.events, name="list"),
    path("latest/", events.latest, name="latest"),
    path("<uuid:event_id>/", events.event, name="one"),
]
urlpatterns = [path("events/", include((_events, "events")))]
