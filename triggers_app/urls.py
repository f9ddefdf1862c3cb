from django.urls import include, path

from triggers_app.web import (
    automation,
    automations,
    bulk,
    explanations,
    firings,
    overview,
    pausing,
)

_automations = [
    path("", automations.automations, name="list"),
    path("of-deployment/", automations.of_deployment, name="of-deployment"),
    path("bulk/", bulk.change, name="bulk"),
    path("fates/", explanations.fates, name="fates"),
    path("<uuid:automation_id>/", automation.automation, name="one"),
    path("<uuid:automation_id>/explain/", explanations.explain, name="explain"),
    path("<uuid:automation_id>/windows/", automation.windows, name="windows"),
    path("<uuid:automation_id>/versions/", automation.versions, name="versions"),
    path("<uuid:automation_id>/document/", automation.document, name="document"),
    path("<uuid:automation_id>/switch/", automation.switch, name="switch"),
    path("<uuid:automation_id>/shadow/", automation.shadow, name="shadow"),
]
_firings = [
    path("", firings.firings, name="list"),
    path("latest/", firings.latest, name="latest"),
    path("of-event/", firings.of_event, name="of-event"),
    path("of-run/", firings.of_run, name="of-run"),
    path("<uuid:firing_id>/", firings.firing, name="one"),
    path("<uuid:firing_id>/actions/<int:index>/retry/", firings.retry, name="retry"),
]
_brakes = [
    path("", pausing.state, name="state"),
    path("banner/", pausing.banner, name="banner"),
    path("stop/", pausing.stop, name="stop"),
    path("resume/", pausing.resume, name="resume"),
    path("release/", pausing.release, name="release"),
    path("discard/", pausing.discard, name="discard"),
    path("start-runs/", pausing.start_runs, name="start-runs"),
    path("cancel-runs/", pausing.cancel_runs, name="cancel-runs"),
]
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("news/", overview.news, name="news"),
    path("", include("triggers_app.builder.urls")),
    path("automations/", include((_automations, "automations"))),
    path("firings/", include((_firings, "firings"))),
    path("brakes/", include((_brakes, "brakes"))),
]
