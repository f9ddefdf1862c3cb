from django.contrib import admin

from project.lib.admin import ReadOnlyAdmin
from runs_app.models import Deployment, Flow, FlowRun, WorkPool


@admin.register(Flow)
class FlowAdmin(ReadOnlyAdmin):
    list_display = ("name", "created")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    list_display = ("name", "flow", "work_pool", "paused", "entrypoint", "updated")
    list_select_related = ("flow", "work_pool")
    search_fields = ("name",)
    ordering = ("name", "pk")


@admin.register(FlowRun)
class FlowRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "state_name", "deployment", "expected_start_time", "run_count")
    list_select_related = ("deployment",)
    ordering = ("-expected_start_time", "-pk")


@admin.register(WorkPool)
class WorkPoolAdmin(ReadOnlyAdmin):
    list_display = ("name", "type", "is_paused", "concurrency_limit")
    ordering = ("name",)
