from django.urls import include, path

from events_app.web import (
    comparing,
    compose,
    event_chart,
    event_facets,
    event_rows,
    events,
    feed_preferences,
    muting,
    saved_views,
    styleguide,
)

_events = [
    path("", events.events, name="list"),
    path("stream", events.stream, name="stream"),
    path("latest/", events.latest, name="latest"),
    path("histogram/", event_chart.histogram, name="histogram"),
    path("facets/", event_facets.of_list, name="facets"),
    path("clock/", feed_preferences.choose_clock, name="clock"),
    path("views/", saved_views.change, name="views"),
    path("mute/", muting.mute, name="mute"),
    path("complete/", events.complete, name="complete"),
    path("new/", compose.compose, name="compose"),
    path("new/send/", compose.send, name="send"),
    path("<uuid:event_id>/", events.event, name="one"),
    path("<uuid:event_id>/detail/", event_rows.detail, name="detail"),
    path("<uuid:event_id>/compare/", comparing.comparison, name="compare"),
    path("<uuid:event_id>/payload/", events.payload, name="payload"),
    path("<uuid:event_id>/arriving/", events.arriving, name="arriving"),
]
urlpatterns = [
    path("events/", include((_events, "events"))),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
