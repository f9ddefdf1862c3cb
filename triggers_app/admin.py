from django.contrib import admin

from project.lib.admin import ReadOnlyAdmin
from triggers_app.models import ActionRun, Automation, Firing


@admin.register(Automation)
class AutomationAdmin(ReadOnlyAdmin):
    list_display = ("name", "enabled", "version", "applied_version", "quarantined", "deleted")
    list_filter = ("enabled",)
    search_fields = ("name",)
    ordering = ("name", "pk")


@admin.register(Firing)
class FiringAdmin(ReadOnlyAdmin):
    list_display = ("id", "automation", "fired", "counted_total")
    list_select_related = ("automation",)
    ordering = ("-fired", "-pk")


@admin.register(ActionRun)
class ActionRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "automation_id", "state", "attempts", "reason", "created", "settled")
    list_filter = ("state",)
    ordering = ("-pk",)
