from django.contrib import admin

from events_app.models import Reader, RejectedEvent
from project.lib.admin import ReadOnlyAdmin


@admin.register(Reader)
class ReaderAdmin(ReadOnlyAdmin):
    list_display = ("name", "position_ms", "position_seq", "epoch", "updated")
    ordering = ("name",)


@admin.register(RejectedEvent)
class RejectedEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "log_ms", "log_seq", "frame_index", "reason", "created")
    ordering = ("-pk",)
