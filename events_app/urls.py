from django.urls import include, path

from events_app.web import account, compose, events, status, styleguide

_events = [
    path("", events.events, name="list"),
    path("latest/", events.latest, name="latest"),
    path("histogram/", events.histogram, name="histogram"),
    path("new/", compose.compose, name="compose"),
    path("new/send/", compose.send, name="send"),
    path("<uuid:event_id>/", events.event, name="one"),
    path("<uuid:event_id>/arriving/", events.arriving, name="arriving"),
]
_account = [
    path("", account.account, name="one"),
    path("password/", account.password, name="password"),
    path("theme/", account.theme, name="theme"),
    path("keys/", account.create_key, name="create-key"),
    path("keys/<int:key_id>/revoke/", account.revoke_key, name="revoke-key"),
]
urlpatterns = [
    path("events/", include((_events, "events"))),
    path("account/", include((_account, "account"))),
    path("status/", status.status, name="status"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
