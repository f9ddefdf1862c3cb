"""The addresses of the starts and of trying, beside the builder's own."""

from django.urls import path

from triggers_app.web.builder import firing_once, ladder, pasting, starts, trying

urlpatterns = [
    path("automations/new", starts.choose, name="starts-without-slash"),
    path("automations/new/", starts.choose, name="starts"),
    path("automations/new/names/", starts.names, name="seen-names"),
    path("automations/new/from-event/", ladder.climb, name="from-event"),
    path("automations/new/from-event/open/", ladder.begin, name="begin-event"),
    path("automations/new/from-sentence/<slug:key>/", starts.from_sentence, name="from-sentence"),
    path("automations/new/from-text/", pasting.from_text, name="from-text"),
    path("automations/new/from-copy/<uuid:automation_id>/", starts.from_copy, name="from-copy"),
    path("automations/new/from-nothing/", starts.from_nothing, name="from-nothing"),
    path("automations/<uuid:automation_id>/fire/", firing_once.ask, name="fire"),
    path("automations/<uuid:automation_id>/fire/now/", firing_once.fire, name="fire-now"),
    path("firings/<uuid:firing_id>/through/", firing_once.through, name="through"),
    path("builder/<uuid:draft_id>/try/", trying.tab, name="try"),
    path("builder/<uuid:draft_id>/try/event/", trying.event, name="test-event"),
    path("builder/<uuid:draft_id>/try/send/", trying.send, name="send"),
    path("builder/<uuid:draft_id>/try/sent/<uuid:event_id>/", trying.sent, name="sent"),
]
