from django.urls import include, path

from runs_app.web import deployments, limits, logs, run_now, runs, schedules, tasks, variables

_runs = [
    path("", runs.runs, name="list"),
    path("latest/", runs.latest, name="latest"),
    path("<uuid:run_id>/", runs.run, name="one"),
    path("<uuid:run_id>/logs/", logs.logs, name="logs"),
    path("<uuid:run_id>/tasks/", tasks.tasks, name="tasks"),
    path("<uuid:run_id>/cancel/", runs.cancel, name="cancel"),
    path("<uuid:run_id>/resume/", runs.resume, name="resume"),
    path("<uuid:run_id>/retry/", runs.retry, name="retry"),
]
_deployments = [
    path("", deployments.deployments, name="list"),
    path("<uuid:deployment_id>/", deployments.deployment, name="one"),
    path("<uuid:deployment_id>/pause/", deployments.pause, name="pause"),
    path("<uuid:deployment_id>/schedules/<uuid:schedule_id>/", schedules.activate, name="schedule"),
    path("<uuid:deployment_id>/new-run/", run_now.form, name="new-run"),
    path("<uuid:deployment_id>/run/", run_now.run_now, name="run"),
]
_variables = [
    path("", variables.variables, name="list"),
    path("put/", variables.put, name="put"),
    path("<uuid:variable_id>/delete/", variables.delete, name="delete"),
]
_limits = [
    path("", limits.limits, name="list"),
    path("put/", limits.put, name="put"),
    path("<uuid:limit_id>/delete/", limits.delete, name="delete"),
]
urlpatterns = [
    path("runs/", include((_runs, "runs"))),
    path("deployments/", include((_deployments, "deployments"))),
    path("variables/", include((_variables, "variables"))),
    path("limits/", include((_limits, "limits"))),
]
