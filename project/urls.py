"""Every address. Each app declares its own; the workbench's pages stand beside them."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts_app.web import sign_in
from project import metrics
from project.api import api

admin.autodiscover()  # here, as workers have no use for it
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("metrics", metrics.metrics, name="metrics"),
    path("admin/login/", sign_in.admin_sign_in),  # one door only, the one that counts failures
    path("admin/password_change/", sign_in.admin_password_change),  # and one form, likewise
    path("admin/", admin.site.urls),
    path("", include("accounts_app.urls")),
    path("", include("events_app.urls")),
    path("", include("runs_app.urls")),
    path("", include("triggers_app.urls")),
]
handler400 = "project.refusals.bad_request"
handler403 = "project.refusals.forbidden"
handler404 = "project.refusals.not_found"
handler500 = "project.refusals.failed"
