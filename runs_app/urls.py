from django.urls import include, path

from runs_app.web import (
    artifacts,
    deployments,
    limits,
    logs,
    run_now,
    runs,
    schedules,
    tasks,
    variables,
    work_pools,
)

_runs = [
    path("", runs.runs, name="list"),
    path("latest/", runs.latest, name="latest"),
    path("<uuid:run_id>/", runs.run, name="one"),
    path("<uuid:run_id>/logs/", logs.logs, name="logs"),
    path("<uuid:run_id>/tasks/", tasks.tasks, name="tasks"),
    path("<uuid:run_id>/artifacts/", artifacts.of_run, name="artifacts"),
    path("<uuid:run_id>/cancel/", runs.cancel, name="cancel"),
    path("<uuid:run_id>/resume/", runs.resume, name="resume"),
    path("<uuid:run_id>/retry/", runs.retry, name="retry"),
]
_deployments = [
    path("", deployments.deployments, name="list"),
    path("<uuid:deployment_id>/", deployments.deployment, name="one"),
    path("<uuid:deployment_id>/pause/", deployments.pause, name="pause"),
    path("<uuid:deployment_id>/schedules/<uuid:schedule_id>/", schedules.activate, name="schedule"),
    path("<uuid:deployment_id>/schedules/put/", schedules.create, name="new-schedule"),
    path(
        "<uuid:deployment_id>/schedules/<uuid:schedule_id>/change/",
        schedules.change,
        name="change-schedule",
    ),
    path(
        "<uuid:deployment_id>/schedules/<uuid:schedule_id>/delete/",
        schedules.delete,
        name="delete-schedule",
    ),
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
_work_pools = [
    path("", work_pools.work_pools, name="list"),
    path("create/", work_pools.create, name="create"),
    path("<uuid:pool_id>/", work_pools.work_pool, name="one"),
    path("<uuid:pool_id>/life/", work_pools.life, name="life"),
    path("<uuid:pool_id>/change/", work_pools.change, name="change"),
    path("<uuid:pool_id>/pause/", work_pools.pause, name="pause"),
    path("<uuid:pool_id>/delete/", work_pools.delete, name="delete"),
    path("<uuid:pool_id>/queues/put/", work_pools.put_queue, name="put-queue"),
    path(
        "<uuid:pool_id>/queues/<uuid:queue_id>/pause/", work_pools.pause_queue, name="pause-queue"
    ),
    path(
        "<uuid:pool_id>/queues/<uuid:queue_id>/delete/",
        work_pools.delete_queue,
        name="delete-queue",
    ),
]
_artifacts = [
    path("", artifacts.artifacts, name="list"),
    path("<uuid:artifact_id>/", artifacts.artifact, name="one"),
    path("<uuid:artifact_id>/delete/", artifacts.delete, name="delete"),
]
urlpatterns = [
    path("runs/", include((_runs, "runs"))),
    path("deployments/", include((_deployments, "deployments"))),
    path("variables/", include((_variables, "variables"))),
    path("work-pools/", include((_work_pools, "work-pools"))),
    path("artifacts/", include((_artifacts, "artifacts"))),
    path("limits/", include((_limits, "limits"))),
]
