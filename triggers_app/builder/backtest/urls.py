"""The addresses of the backtest and of what explains it, beside the builder's own."""

from django.urls import path

from triggers_app.builder.backtest import view as backtest
from triggers_app.builder.explain import view as explain

urlpatterns = [
    path("builder/<uuid:draft_id>/backtest/", backtest.backtest, name="backtest"),
    path("builder/<uuid:draft_id>/backtest/why-not/", explain.why_not, name="why-not"),
    path("builder/<uuid:draft_id>/backtest/remedy/", explain.remedy, name="remedy"),
    path("builder/<uuid:draft_id>/explain/", explain.explain, name="explain"),
    path("builder/<uuid:draft_id>/explain/pasted/", explain.explain_pasted, name="explain-pasted"),
]
