from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.web import scene


def test_run_shows_its_parameters_its_states_and_its_logs(viewer: Client, db: None) -> None:
    run = scene.run(scene.deployment(), parameters={"rows": {"new": 3}, "day": "2026-11-22"})
    scene.log(run, "3 rows <b>written</b>", level=30)

    html = viewer.get(f"/runs/{run.pk}/").content.decode()
    logs = viewer.get(f"/runs/{run.pk}/logs/").content.decode()

    assert "&#34;2026-11-22&#34;" in html
    assert [word in html for word in ("Scheduled", "Pending", "Running", "Completed")] == [True] * 4
    assert ("3 rows &lt;b&gt;written&lt;/b&gt;" in logs, "WARNING" in logs) == (True, True)


def test_failed_run_says_why_at_the_top(viewer: Client, db: None) -> None:
    run = scene.run(scene.deployment(), states="SPRF")

    html = viewer.get(f"/runs/{run.pk}/").content.decode()

    assert html.index("ValueError: no rows for 2026-11-22") < html.index("states-title")


def test_run_that_goes_on_is_asked_for_news_and_one_that_ended_is_not(
    viewer: Client, db: None
) -> None:
    of = scene.deployment()
    runs = [scene.run(of, states=states) for states in ("SPR", "SPRC")]

    pages = [viewer.get(f"/runs/{run.pk}/").content.decode() for run in runs]

    assert ["every 2s" in html for html in pages] == [True, False]
    live = [viewer.get(f"/runs/{run.pk}/logs/").content.decode() for run in runs]
    assert ["every 2s" in html for html in live] == [True, False]


def test_news_of_a_run_are_its_new_logs(fragment: Callable[[str], Any], db: None) -> None:
    run = scene.run(scene.deployment(), states="SPR")
    first = fragment(f"/runs/{run.pk}/logs/?part=lines").content.decode()
    address = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")

    quiet = fragment(address)
    scene.log(run, "half way")
    news = fragment(address)

    assert (quiet.status_code, news.status_code) == (204, 200)
    assert "half way" in news.content.decode()


def test_logs_come_by_pages_and_none_is_left_out(viewer: Client, db: None) -> None:
    run = scene.run(scene.deployment())
    for number in range(202):
        scene.log(run, f"line {number}.", at=scene.ago(2000 - number // 2))

    newest = viewer.get(f"/runs/{run.pk}/logs/").content.decode()
    older = viewer.get(newest.split('id="older-lines" href="')[1].split('"')[0]).content.decode()

    assert [newest.count("line 1."), newest.count("line 2.")] == [0, 1]
    assert [older.count("line 0."), older.count("line 1."), older.count("line 2.")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("query", "shown"),
    [("q=ROWS", [True, False]), ("level=40", [False, True]), ("q=%25", [False, False])],
)
def test_logs_are_searched_by_text_and_level(
    query: str, shown: list[bool], viewer: Client, db: None
) -> None:
    run = scene.run(scene.deployment())
    scene.log(run, "5 rows read")
    scene.log(run, "disk full", level=40)

    html = viewer.get(f"/runs/{run.pk}/logs/?{query}").content.decode()

    assert ["5 rows read" in html, "disk full" in html] == shown


@pytest.mark.parametrize(
    ("state", "names"),
    [("failed", ["failed"]), ("waiting", ["waiting"]), ("nonsense", ["failed", "waiting"])],
)
def test_runs_are_filtered_by_state(state: str, names: list[str], viewer: Client, db: None) -> None:
    of = scene.deployment()
    scene.run(of, name="run-failed", states="SPRF")
    scene.run(of, name="run-waiting", states="S")

    html = viewer.get(f"/runs/?state={state}").content.decode()

    assert [name for name in ("failed", "waiting") if f"run-{name}</a>" in html] == names


def test_older_runs_are_a_page_away_and_none_is_shown_twice(viewer: Client, db: None) -> None:
    of = scene.deployment()
    runs = [scene.run(of, name=f"run-{n:03}", states="S", created=scene.ago(9)) for n in range(60)]

    first = viewer.get("/runs/").content.decode()
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = viewer.get(address).content.decode()

    shown = [run for run in runs for html in (first, second) if f"{run.name}</a>" in html]
    assert len(shown) == len(set(shown)) == 60
    assert "every 2s" not in second


def test_deployments_page_by_name_whatever_the_name_holds(viewer: Client, db: None) -> None:
    for number in range(55):
        scene.deployment(f"n{number:03} &/?#%+ \U0001f525")

    first = viewer.get("/deployments/").content.decode()
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = viewer.get(address)

    assert second.status_code == 200
    assert ["n049" in first, "n050" in first, "n050" in second.content.decode()] == [
        True,
        False,
        True,
    ]


def test_deployment_shows_its_newest_runs_and_asks_for_its_automations(
    viewer: Client, db: None
) -> None:
    of = scene.deployment(parameters={"limit": 5})
    scene.run(of, name="cheeky-otter")

    html = viewer.get(f"/deployments/{of.pk}/").content.decode()

    assert "cheeky-otter" in html
    assert f'hx-get="/automations/of-deployment/?deployment={of.pk}"' in html


def test_a_warning_about_the_user_of_flows_stays_on_the_list_of_deployments(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = "Flows run as root: the user x cannot read /y. `chmod o+x /y` helps."
    monkeypatch.setattr("runs_app.services.confining.warnings", lambda **_: [warning])

    page = viewer.get("/deployments/").content.decode()

    assert "Flows run as root" in page
    assert "<code>chmod o+x /y</code>" in page
