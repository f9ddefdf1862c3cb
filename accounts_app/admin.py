from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts_app.models import ApiKey
from project.lib.admin import ReadOnlyAdmin
from project.lib.clock import utcnow


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are made by `manage.py createapikey`, which alone can show them; here they end."""

    list_display = ("name", "prefix", "role", "owner", "created", "last_used", "revoked")
    list_select_related = ("owner",)
    fields = ("name", "prefix", "role", "owner", "created", "last_used", "revoked")
    ordering = ("-created", "-pk")
    actions = ("revoke",)

    @admin.action(description="Revoke the selected keys (within five seconds)")
    def revoke(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        revoked = queryset.filter(revoked=None).update(revoked=utcnow())
        self.message_user(request, f"{revoked} keys are revoked.")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
