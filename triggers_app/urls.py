from django.urls import include, path

from triggers_app.web import automations, firings, overview

_automations = [
    path("", automations.automations, name="list"),
    path("of-deployment/", automations.of_deployment, name="of-deployment"),
    path("<uuid:automation_id>/", automations.automation, name="one"),
    path("<uuid:automation_id>/switch/", automations.switch, name="switch"),
]
_firings = [
    path("", firings.firings, name="list"),
    path("latest/", firings.latest, name="latest"),
    path("of-event/", firings.of_event, name="of-event"),
    path("of-run/", firings.of_run, name="of-run"),
    path("<uuid:firing_id>/", firings.firing, name="one"),
]
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("automations/", include((_automations, "automations"))),
    path("firings/", include((_firings, "firings"))),
]
