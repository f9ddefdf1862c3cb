"""The addresses of the starts and of trying, beside the builder's own."""

from django.urls import path

from triggers_app.builder.try_it import fire_view
from triggers_app.builder.try_it import view as trying
from triggers_app.builder.wizard import from_event, from_text
from triggers_app.builder.wizard import view as starts

urlpatterns = [
    path("automations/new", starts.choose, name="starts-without-slash"),
    path("automations/new/", starts.choose, name="starts"),
    path("automations/new/names/", starts.names, name="seen-names"),
    path("automations/new/from-event/", from_event.climb, name="from-event"),
    path("automations/new/from-event/open/", from_event.begin, name="begin-event"),
    path("automations/new/from-sentence/<slug:key>/", starts.from_sentence, name="from-sentence"),
    path("automations/new/from-text/", from_text.from_text, name="from-text"),
    path("automations/new/from-copy/<uuid:automation_id>/", starts.from_copy, name="from-copy"),
    path("automations/new/from-nothing/", starts.from_nothing, name="from-nothing"),
    path("automations/<uuid:automation_id>/fire/", fire_view.ask, name="fire"),
    path("automations/<uuid:automation_id>/fire/now/", fire_view.fire, name="fire-now"),
    path("firings/<uuid:firing_id>/through/", fire_view.through, name="through"),
    path("builder/<uuid:draft_id>/try/", trying.tab, name="try"),
    path("builder/<uuid:draft_id>/try/event/", trying.event, name="test-event"),
    path("builder/<uuid:draft_id>/try/send/", trying.send, name="send"),
    path("builder/<uuid:draft_id>/try/sent/<uuid:event_id>/", trying.sent, name="sent"),
]
