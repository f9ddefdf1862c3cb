"""The builder's addresses. Every part of the page has its own, and is loaded by it."""

from django.urls import path
from django.urls.resolvers import URLPattern

from triggers_app.builder import edit as op
from triggers_app.builder import page
from triggers_app.builder.backtest import urls as backtest_urls
from triggers_app.builder.drafts import save_view
from triggers_app.builder.lint import view as findings
from triggers_app.builder.numbers import suggestions_view
from triggers_app.builder.numbers import view as numbers
from triggers_app.builder.parameters import view as parameters
from triggers_app.builder.source import view as panes
from triggers_app.builder.wizard import urls as start_urls

app_name = "builder"
urlpatterns: list[URLPattern] = [
    *start_urls.urlpatterns,
    *backtest_urls.urlpatterns,
    path("automations/<uuid:automation_id>/edit", page.edit, name="edit"),
    path("automations/<uuid:automation_id>/edit/", page.edit, name="edit-with-slash"),
    path("builder/<uuid:draft_id>/", page.page, name="page"),
    path("builder/<uuid:draft_id>/op/", op.op, name="op"),
    path("builder/<uuid:draft_id>/save/", save_view.save, name="save"),
    path("builder/<uuid:draft_id>/conflict/", save_view.conflict, name="conflict"),
    path("builder/<uuid:draft_id>/resolve/", save_view.resolve, name="resolve"),
    path("builder/<uuid:draft_id>/discard/", save_view.discard, name="discard"),
    path("builder/<uuid:draft_id>/sentence/", page.sentence, name="sentence"),
    path("builder/<uuid:draft_id>/findings/", findings.of_draft, name="findings"),
    path("builder/<uuid:draft_id>/fix/", findings.fix, name="fix"),
    path("builder/<uuid:draft_id>/numbers/", numbers.of_draft, name="numbers"),
    path("builder/<uuid:draft_id>/suggest/", suggestions_view.options, name="suggest"),
    path("builder/<uuid:draft_id>/panes/<str:format>/", panes.pane, name="pane"),
    path("builder/<uuid:draft_id>/parameters/", parameters.parameters, name="parameters"),
    path("builder/<uuid:draft_id>/parameters/edit/", parameters.edit, name="parameters-edit"),
    path(
        "builder/<uuid:draft_id>/parameters/firings/",
        parameters.firings,
        name="parameters-firings",
    ),
    path("builder/<uuid:draft_id>/parameters/event/", parameters.choose, name="parameters-event"),
    path("builder/<uuid:draft_id>/import/", panes.imported, name="import"),
]
