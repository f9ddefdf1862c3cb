"""The addresses of the starts, beside the builder's own."""

from django.urls import path

from triggers_app.web.builder import ladder, pasting, starts

urlpatterns = [
    path("automations/new/", starts.choose, name="starts"),
    path("automations/new/names/", starts.names, name="seen-names"),
    path("automations/new/from-event/", ladder.climb, name="from-event"),
    path("automations/new/from-event/open/", ladder.begin, name="begin-event"),
    path("automations/new/from-sentence/<slug:key>/", starts.from_sentence, name="from-sentence"),
    path("automations/new/from-text/", pasting.from_text, name="from-text"),
    path("automations/new/from-copy/<uuid:automation_id>/", starts.from_copy, name="from-copy"),
    path("automations/new/from-nothing/", starts.from_nothing, name="from-nothing"),
]
