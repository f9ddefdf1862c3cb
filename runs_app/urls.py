from django.urls import include, path

from runs_app.web import deployments, runs

_runs = [
    path("", runs.runs, name="list"),
    path("latest/", runs.latest, name="latest"),
    path("<uuid:run_id>/", runs.run, name="one"),
    path("<uuid:run_id>/cancel/", runs.cancel, name="cancel"),
]
_deployments = [
    path("", deployments.deployments, name="list"),
    path("<uuid:deployment_id>/", deployments.deployment, name="one"),
]
urlpatterns = [
    path("runs/", include((_runs, "runs"))),
    path("deployments/", include((_deployments, "deployments"))),
]
