"""The builder's addresses. Every part of the page has its own, and is loaded by it."""

from django.urls import path
from django.urls.resolvers import URLPattern

from triggers_app.builder import edit as op
from triggers_app.builder import follow, page
from triggers_app.builder.backtest import view as backtest
from triggers_app.builder.compare import view as compare
from triggers_app.builder.explain import view as explain
from triggers_app.builder.lint import view as findings
from triggers_app.builder.numbers import suggestions_view
from triggers_app.builder.numbers import view as numbers
from triggers_app.builder.parameters import view as parameters
from triggers_app.builder.save import view as save
from triggers_app.builder.saved_tests import view as tests
from triggers_app.builder.source import view as panes
from triggers_app.builder.try_it import fire_view
from triggers_app.builder.try_it import view as trying
from triggers_app.builder.wizard import from_event, from_text
from triggers_app.builder.wizard import view as starts

app_name = "builder"
urlpatterns: list[URLPattern] = [
    path("automations/new", starts.choose, name="starts-without-slash"),
    path("automations/new/", starts.choose, name="starts"),
    path("automations/new/names/", starts.names, name="seen-names"),
    path("automations/new/from-event/", from_event.climb, name="from-event"),
    path("automations/new/from-event/open/", from_event.begin, name="begin-event"),
    path("automations/new/from-sentence/<slug:key>/", starts.from_sentence, name="from-sentence"),
    path("automations/new/from-text/", from_text.from_text, name="from-text"),
    path("automations/new/from-copy/<uuid:automation_id>/", starts.from_copy, name="from-copy"),
    path("automations/new/from-nothing/", starts.from_nothing, name="from-nothing"),
    path("automations/<uuid:automation_id>/fire/", fire_view.ask, name="fire"),
    path("automations/<uuid:automation_id>/fire/now/", fire_view.fire, name="fire-now"),
    path("automations/<uuid:automation_id>/compare/", compare.compare, name="compare"),
    path(
        "automations/<uuid:automation_id>/compare/firings/",
        compare.firings,
        name="compare-firings",
    ),
    path("automations/<uuid:automation_id>/compare/event/", compare.event, name="compare-event"),
    path("automations/<uuid:automation_id>/restore/", compare.restore, name="restore"),
    path("builder/<uuid:draft_id>/tests/", tests.tab, name="tests"),
    path("builder/<uuid:draft_id>/tests/keep/", tests.keep, name="keep-test"),
    path("builder/<uuid:draft_id>/tests/keep-sign/", tests.keep_sign, name="keep-sign"),
    path("builder/<uuid:draft_id>/tests/change/", tests.change, name="change-test"),
    path("automations/<uuid:automation_id>/keep/", tests.keep_explained, name="keep-explained"),
    path("firings/<uuid:firing_id>/keep/", tests.keep_firing, name="keep-firing"),
    path("firings/<uuid:firing_id>/through/", fire_view.through, name="through"),
    path("builder/<uuid:draft_id>/try/", trying.tab, name="try"),
    path("builder/<uuid:draft_id>/try/event/", trying.event, name="test-event"),
    path("builder/<uuid:draft_id>/try/send/", trying.send, name="send"),
    path("builder/<uuid:draft_id>/try/sent/<uuid:event_id>/", trying.sent, name="sent"),
    path("builder/<uuid:draft_id>/backtest/", backtest.backtest, name="backtest"),
    path("builder/<uuid:draft_id>/backtest/why-not/", explain.why_not, name="why-not"),
    path("builder/<uuid:draft_id>/backtest/remedy/", explain.remedy, name="remedy"),
    path("builder/<uuid:draft_id>/explain/", explain.explain, name="explain"),
    path("builder/<uuid:draft_id>/explain/pasted/", explain.explain_pasted, name="explain-pasted"),
    path("automations/<uuid:automation_id>/edit", page.edit, name="edit"),
    path("automations/<uuid:automation_id>/edit/", page.edit, name="edit-with-slash"),
    path("builder/<uuid:draft_id>/", page.page, name="page"),
    path("builder/<uuid:draft_id>/op/", op.op, name="op"),
    path("builder/<uuid:draft_id>/follow/", follow.follow, name="follow"),
    path("builder/<uuid:draft_id>/save/", save.save, name="save"),
    path("builder/<uuid:draft_id>/conflict/", save.conflict, name="conflict"),
    path("builder/<uuid:draft_id>/resolve/", save.resolve, name="resolve"),
    path("builder/<uuid:draft_id>/discard/", save.discard, name="discard"),
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
