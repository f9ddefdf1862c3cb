"""What follows an edit comes in one answer."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from project.lib.clock import utcnow
from tests.menagerie import reactive
from tests.web.fixtures import HTMX
from triggers_app.builder import follow
from triggers_app.builder.backtest import jobs
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.drafts import service as drafts
from triggers_app.builder.numbers import service as numbers
from triggers_app.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)
SWAPPED = 'hx-swap-oob="true"'


def drafted(**fields: object) -> Draft:
    document = {"name": "a", "trigger": reactive("landed"), "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document | fields, author="eda", now=utcnow())


def followed(client: Client, draft: Draft, **query: str) -> str:
    address = reverse("builder:follow", args=[draft.pk])
    return client.get(address, query, headers=HTMX).content.decode()


def test_counts_backtest_and_problems_come_together(editor: Client) -> None:
    draft = drafted()

    html = followed(editor, draft)

    for region in ("builder-backtest", "builder-findings", "dock-problems", "builder-effect"):
        assert SWAPPED in html.split(f'id="{region}"')[1].split(">")[0], region
    assert html.count('<div id="builder-fills" hx-swap-oob="innerHTML">') == 2
    assert 'id="builder-tests"' not in html


def test_problems_that_are_shown_already_do_not_come_again(editor: Client) -> None:
    draft = drafted()
    seen = followed(editor, draft).split('data-seen="')[1].split('"')[0]

    assert 'id="builder-findings"' not in followed(editor, draft, findings=seen)


def test_tests_come_where_their_tab_is_open(editor: Client) -> None:
    kept = {"tests": [{"name": "calm", "fires": False}]}

    html = followed(editor, drafted(flint=kept), tests="open")

    assert SWAPPED in html.split('id="builder-tests"')[1].split(">")[0]
    assert "calm" in html


def test_draft_that_cannot_be_read_leaves_the_last_drawing(editor: Client) -> None:
    html = followed(editor, drafted(trigger={"type": "event"}))

    assert "data-keep" in html.split('id="builder-backtest"')[1].split(">")[0]


def test_without_a_script_it_leads_to_the_page(editor: Client) -> None:
    draft = drafted()

    answer = editor.get(reverse("builder:follow", args=[draft.pk]))

    assert answer.headers["Location"] == reverse("builder:page", args=[draft.pk])


def test_counts_are_made_while_the_backtest_runs(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    begin, count = backtests.begin, numbers.numbers_of

    def beginning(*given: Any, **more: Any) -> Any:
        steps.append("begun")
        stands = begin(*given, **more)

        def awaited(patience: float) -> Any:
            steps.append("awaited")
            return stands(patience)

        return awaited

    def counting(*given: Any, **more: Any) -> Any:
        steps.append("counted")
        return count(*given, **more)

    monkeypatch.setattr(backtests, "begin", beginning)
    monkeypatch.setattr(numbers, "numbers_of", counting)
    followed(editor, drafted())

    assert steps == ["begun", "counted", "awaited"]


def test_a_long_backtest_keeps_nobody_waiting(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafted()
    monkeypatch.setattr(jobs, "ask", lambda *_, **__: None)  # it never gets done
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0 + sum(paused))

    html = followed(editor, draft)

    assert sum(paused) == pytest.approx(follow.WAIT_SECONDS)
    assert 'hx-trigger="load delay' in html.split('id="builder-backtest"')[1]
    assert SWAPPED in html.split('id="builder-findings"')[1].split(">")[0]
