"""The builder's addresses. Every part of the page has its own, and is loaded by it."""

from django.urls.resolvers import URLPattern

app_name = "builder"
urlpatterns: list[URLPattern] = []
