"""What Django's admin shows of our tables: all of it, and changes none of it.

Rows are tied to each other and to the log (versions, offsets, events of state changes), which a
form knows nothing of. Pages, API and commands change them.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest

MAX_COUNTED = 10_000


if TYPE_CHECKING:
    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:  # at run time they are not generic
    _Paginator, _ModelAdmin = Paginator, admin.ModelAdmin


class BoundedPaginator(_Paginator):
    """Counts no further than a person would page; a full count reads a large table whole."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list[:MAX_COUNTED].count())  # type: ignore[attr-defined]


class ReadOnlyAdmin(_ModelAdmin):
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
