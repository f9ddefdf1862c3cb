"""The time line of a draft and its twin; the days on which it stayed quiet."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from project.lib.clock import utcnow
from project.lib.json_documents import Document
from tests.menagerie import compound, reactive
from tests.web import scene
from tests.web.fixtures import HTMX, signed_in
from triggers_app.builder.backtest import jobs
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft
from triggers_app.services.backtesting import BacktestProgress

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]
LANDED = reactive("orders.file.landed")
BOTH = compound(LANDED, reactive("inventory.snapshot.done"), within=1800)


def hours_ago(hours: float) -> Any:
    return utcnow() - timedelta(hours=hours)


def landed(*hours: float, name: str = "orders.file.landed") -> list[Any]:
    return [scene.event(name, received=hours_ago(one), seq=n) for n, one in enumerate(hours)]


def draft_of(trigger: Any, author: str = "eda") -> Draft:
    document = {"name": "a", "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    return drafts.open_new(document, author=author, now=utcnow())


def address(draft: Draft, name: str = "backtest", **query: Any) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{reverse(f'builder:{name}', args=[draft.pk])}?{asked}"


def shown(client: Client, draft: Draft, **query: Any) -> str:
    answer = client.get(address(draft, **query), headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def signs(html: str) -> list[str]:
    """What the marks of a drawing say, one by one."""
    return [unescape(text) for text in re.findall(r'class="mark [^>]*aria-label="([^"]*)"', html)]


def rows(html: str) -> list[str]:
    return re.findall(r'id="told-\d+" href="([^"]*)"', html)


def test_drawing_says_what_would_have_fired_and_links_to_why(eda: Client) -> None:
    events = landed(50, 30)
    draft = draft_of(LANDED)

    html = shown(eda, draft)

    assert "Would have fired 2 times in 2 days, last " in html
    assert "2 events read" in unescape(html).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "same code as live" in html
    assert all(f"?tab=explain&event={one.id}" in unescape(html) for one in events)
    assert ("<title id=" in html, "<desc id=" in html, " style=" in html) == (True, True, False)


def test_twin_tells_every_sign_of_the_drawing(eda: Client) -> None:
    landed(60, 45, 30)
    landed(44.9, name="inventory.snapshot.done")
    draft = draft_of(BOTH)

    drawn, table = shown(eda, draft), shown(eda, draft, view="table")

    assert len(signs(drawn)) == len(rows(table)) == 3
    assert [sign.split()[0] for sign in signs(drawn)] == ["Fired", "Almost", "Almost"]
    assert {re.findall("event=([^#&]*)", unescape(one))[0] for one in rows(table)} == {
        re.findall("event=([^#&]*)", one)[0]
        for one in re.findall(r'class="mark [^>]*href="([^"]*)"', unescape(drawn))
    }


def asked(html: str) -> set[str]:
    """The days for which it can be asked why it did not fire."""
    return set(re.findall(r'id="why-(\d{4}-\d\d-\d\d)"', html))


def test_why_not_is_asked_of_days_without_a_firing_only(eda: Client) -> None:
    landed(50)
    landed(26, name="other")

    html = shown(eda, draft_of(LANDED))

    fired = f"{hours_ago(50).date()}"
    assert asked(html) and fired not in asked(html)
    assert html.count('aria-label="Why not on') == len(re.findall(r'class="day"', html)) - 1


def test_it_says_so_when_it_fires_on_every_day(eda: Client) -> None:
    landed(*range(72), 23.999)  # also in the last hour of a day, of which the period has a bit

    html = shown(eda, draft_of(LANDED), period="24h")

    assert asked(html) == set()
    assert "no day: it fires on each of them" in html


def test_it_says_by_which_clock_it_goes(eda: Client) -> None:
    landed(30)

    assert "by the time of the log (when events were received)" in shown(eda, draft_of(LANDED))


def test_signs_that_would_lie_on_each_other_become_one_with_a_number(eda: Client) -> None:
    landed(30.00, 30.01, 30.02, 10)

    html = shown(eda, draft_of(LANDED))

    assert len(signs(html)) == 2
    assert 'class="how-many" y="-8">3<' in html


def test_period_and_view_are_kept_in_the_draft(eda: Client) -> None:
    landed(30)
    draft = draft_of(LANDED)

    shown(eda, draft, period="24h", view="table")

    again = shown(eda, draft)
    assert 'id="backtest-table"' in again
    assert "Would not have fired in 24 hours" in again
    assert drafts.find(draft.pk, author="eda").rev == draft.rev


def test_nonsense_changes_nothing(eda: Client) -> None:
    draft = draft_of(LANDED)

    shown(eda, draft, period="9y", view="x", again="")

    assert drafts.find(draft.pk, author="eda").chosen == {}


def test_trigger_that_cannot_be_read_says_what_is_missing(eda: Client) -> None:
    html = shown(eda, draft_of({"type": "event", "expect": ["a"]}))

    assert "Nothing to backtest yet." in html
    assert "<code>posture</code> is required." in html


def test_progress_is_told_and_asked_for_again(eda: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(job: jobs.BacktestJob, *, here: bool) -> None:
        progress = BacktestProgress(500, 1000, 0, 3)
        jobs._write(job.id, jobs.BacktestStatus(state="running", progress=progress), 5)

    monkeypatch.setattr(jobs, "ask", half)
    monkeypatch.setattr("triggers_app.builder.backtest.view.WAIT_SECONDS", 0.01)

    html = shown(eda, draft_of(LANDED)).replace("\N{NARROW NO-BREAK SPACE}", "")

    assert "500 of about 1000 events read" in html
    assert 'hx-trigger="load delay:400ms, again"' in html
    assert 'aria-busy="true"' in html


def test_comparison_is_drawn_listed_and_summed_up(eda: Client) -> None:
    landed(30)
    landed(20, name="inventory.snapshot.done")
    automation = scene.automation(trigger=LANDED | {"for_each": [], "threshold": 1, "within": 0})
    automation.versions.create(
        version=1, enabled=True, document=automation.document,
        effective_after_ms=0, effective_after_seq=0,
    )  # fmt: skip
    draft = drafts.open_for(automation.pk, author="eda", now=utcnow())
    trigger = draft.document["trigger"] | {"expect": ["inventory.snapshot.done"], "match": {}}
    drafts.edit(
        draft.pk, author="eda", rev=draft.rev, label="x", now=utcnow(),
        change=lambda document: document | {"trigger": trigger},
    )  # fmt: skip

    html = shown(eda, draft)

    assert "vs v1:" in html
    assert ('class="more">+1<' in html, 'class="less">\N{MINUS SIGN}1<' in html) == (True, True)
    assert ("mark-added" in html, "mark-removed" in html) == (True, True)
    table = shown(eda, draft, view="table")
    assert ("More than saved" in table, "Not any more" in table) == (True, True)


def test_without_a_script_it_is_a_page(eda: Client) -> None:
    landed(30)

    html = eda.get(address(draft_of(LANDED))).content.decode()

    assert html.count("<h1>") == 1
    assert "Would have fired once in " in html


def test_why_not_names_the_reason_and_shows_the_tree(eda: Client) -> None:
    landed(30)
    draft = draft_of(BOTH)
    day = hours_ago(29.5).date()

    html = unescape(shown_why(eda, draft, day))

    assert "inventory.snapshot.done never came, 1 of 2" in html
    assert html.count('class="part ') == 3
    assert "Windows are" not in html


def shown_why(client: Client, draft: Draft, day: Any) -> str:
    return client.get(address(draft, "why-not", day=day), headers=HTMX).content.decode()


def test_why_not_of_a_quiet_rest_is_said_by_the_engine(eda: Client) -> None:
    landed(30, 29.99)
    draft = draft_of(reactive("orders.file.landed", within=86_400 * 3, after=["never"]))

    html = unescape(shown_why(eda, draft, hours_ago(29.99).date()))

    assert "Ignored: no window was open: nothing had matched <code>after</code>" in html


@pytest.mark.parametrize("day", ["", "yesterday", "2023-02-31", "9" * 400])
def test_a_day_that_is_none_is_not_found(day: str, eda: Client) -> None:
    assert eda.get(address(draft_of(LANDED), "why-not", day=day)).status_code == 404


@pytest.mark.parametrize("name", ["backtest", "why-not", "explain"])
def test_draft_of_somebody_else_is_not_found(name: str, eda: Client) -> None:
    somebodys = draft_of(LANDED, author="bo")

    answer = eda.get(address(somebodys, name, day="2026-01-01"))

    assert answer.status_code == 404


def test_viewers_build_nothing(tables: None) -> None:
    vera = signed_in(User.objects.create_user("vera"))

    assert vera.get(address(draft_of(LANDED, author="vera"))).status_code == 403


def test_it_asks_few_queries_however_much_happened(
    eda: Client, django_assert_max_num_queries: Any
) -> None:
    landed(*[hour / 10 for hour in range(1, 60)])
    draft = draft_of(LANDED)

    with django_assert_max_num_queries(6):  # session, user, draft, the recorder's offset
        shown(eda, draft)


def test_a_long_trigger_draws_its_first_parts(eda: Client) -> None:
    parts: list[Document] = [reactive(f"name.{number}") for number in range(20)]

    html = shown(eda, draft_of(compound(*parts, within=60)))

    assert html.count('class="leaf-row"') == 12
    assert "8 more parts" in unescape(html).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_waiting_is_bounded_without_a_script() -> None:
    assert backtests.ALONE_SECONDS <= 5 < backtests.SECONDS


def remedy(client: Client, draft: Draft, **fields: str) -> Any:
    body = {"rev": str(draft.rev), "node": draft.document["trigger"]["id"], **fields}
    return client.post(reverse("builder:remedy", args=[draft.pk]), body, headers=HTMX)


def test_a_remedy_is_offered_with_what_it_does_and_is_an_edit(eda: Client) -> None:
    landed(30)
    landed(29.3, name="inventory.snapshot.done")
    draft = draft_of(BOTH)
    assert "Widen the window to 45 min" in shown_why(eda, draft, hours_ago(29.5).date())

    answer = remedy(eda, draft, key="within", value="2700.0", label="Widen the window to 45 min")

    now = drafts.find(draft.pk, author="eda")
    assert (now.rev, now.document["trigger"]["within"]) == (2, 2700)
    assert now.label == "Widen the window to 45 min"
    assert "rev-changed" in answer.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("within", ""), ("within", "-1"), ("within", "1e9"), ("threshold", "9" * 40), ("type", "1")],
)
def test_a_remedy_that_is_none_changes_nothing(key: str, value: str, eda: Client) -> None:
    draft = draft_of(BOTH)

    assert remedy(eda, draft, key=key, value=value).status_code == 404
    assert drafts.find(draft.pk, author="eda").rev == 1
