from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.test import Client
from django.urls import reverse

from project.lib.jinja import environment
from runs_app.models import FlowRun
from tests.web import scene

Fragment = Callable[[str], Any]


def test_automation_shows_its_sentence_its_document_and_its_firings(
    viewer: Client, db: None
) -> None:
    deployment = scene.deployment()
    automation = scene.automation(runs=deployment)
    run = scene.run(deployment)
    scene.action(scene.firing(automation, scene.event()), made=run)

    html = viewer.get(f"/automations/{automation.pk}/").content.decode()
    document = viewer.get(f"/automations/{automation.pk}/document/").content.decode()

    assert "When orders.file.landed happens for s3://in/*" in html
    assert "run nightly-load / prod." in html
    assert "threshold: 3" in document
    assert "cheeky-otter" in html


def test_automation_in_quarantine_says_why(viewer: Client, db: None) -> None:
    automation = scene.automation(quarantine_reason="ZeroDivisionError: division by zero")

    page = viewer.get(f"/automations/{automation.pk}/").content.decode()
    listed = viewer.get("/automations/").content.decode()

    assert "ZeroDivisionError: division by zero" in page
    assert "1 automation, 1 set aside." in listed


def test_deleted_automation_is_not_found_but_its_firing_still_is(viewer: Client, db: None) -> None:
    automation = scene.automation(deleted=scene.NOW)
    firing = scene.firing(automation, scene.event())

    pages = [viewer.get(f"/automations/{automation.pk}/"), viewer.get(f"/firings/{firing.pk}/")]

    assert [page.status_code for page in pages] == [404, 200]


def test_automation_whose_document_does_not_parse_is_shown_as_it_is(
    viewer: Client, db: None
) -> None:
    automation = scene.automation(trigger={"type": "lunar", "phase": "full", "within": 60})

    pages = [
        viewer.get(f"/automations/{automation.pk}/{tab}").content.decode()
        for tab in ("", "versions/", "windows/", "document/")
    ]

    assert "cannot read its document" in pages[0]
    assert "phase: full" in pages[3]


def test_refused_action_shows_its_reason(viewer: Client, db: None) -> None:
    firing = scene.firing(scene.automation(), scene.event())
    scene.action(firing, state="rejected", reason="Parameter `limit` is missing.")

    html = viewer.get(f"/firings/{firing.pk}/").content.decode()

    assert ("Refused." in html, "Parameter <code>limit</code> is missing." in html) == (True, True)


def test_firing_of_an_absence_says_that_no_event_came(viewer: Client, db: None) -> None:
    firing = scene.firing(scene.automation(), None)

    html = viewer.get(f"/firings/{firing.pk}/").content.decode()

    assert "None: the events it waited for stayed away" in html


def test_firings_of_an_event_are_those_it_decided(fragment: Fragment, db: None) -> None:
    event, other = scene.event(seq=1), scene.event(seq=2)
    scene.firing(scene.automation("mine"), event)
    scene.firing(scene.automation("not-mine"), other)

    html = fragment(f"{reverse('firings:chain')}?event={event.id}").content.decode()

    assert ("mine</a>" in html, "not-mine</a>" in html) == (True, False)


def test_run_says_which_automation_started_it(fragment: Fragment, db: None) -> None:
    run = scene.run(scene.deployment())
    scene.action(scene.firing(scene.automation("starter"), scene.event()), made=run)

    html = fragment(f"{reverse('firings:of-run')}?run={run.pk}").content.decode()

    assert ("starter</a>" in html, "orders.file.landed" in html) == (True, True)


def test_run_that_no_firing_made_says_so(fragment: Fragment, db: None) -> None:
    html = fragment(f"{reverse('firings:of-run')}?run={scene.NOBODY}").content.decode()

    assert "A call of the API." in html


def test_deployment_shows_the_automations_that_run_it(fragment: Fragment, db: None) -> None:
    mine, other = scene.deployment("a"), scene.deployment("b")
    scene.automation("runs-a", runs=mine)
    scene.automation("runs-b", runs=other)

    html = fragment(f"{reverse('automations:of-deployment')}?deployment={mine.pk}").content.decode()

    assert ("runs-a</a>" in html, "runs-b</a>" in html) == (True, False)


def test_fragments_of_other_pages_answer_as_pages_and_refuse_what_is_no_id(
    viewer: Client, fragment: Fragment, db: None
) -> None:
    for name, key in (("firings:chain", "event"), ("firings:of-run", "run"),
                      ("automations:of-deployment", "deployment")):  # fmt: skip
        alone = viewer.get(f"{reverse(name)}?{key}={scene.NOBODY}").content.decode()
        part = fragment(f"{reverse(name)}?{key}={scene.NOBODY}").content.decode()

        assert part.strip() in alone
        assert viewer.get(f"{reverse(name)}?{key}=%00x").status_code in (404, 422)


def test_overview_shows_the_newest_of_everything(viewer: Client, db: None) -> None:
    deployment = scene.deployment()
    scene.action(
        scene.firing(scene.automation("watcher", runs=deployment), scene.event("ping")),
        made=scene.run(deployment, name="brave-lynx"),
    )

    html = viewer.get("/").content.decode()

    assert [word in html for word in ("watcher</a>", "ping</a>", "brave-lynx</a>")] == [True] * 3


def test_live_firings_change_when_an_action_is_settled(fragment: Fragment, db: None) -> None:
    firing = scene.firing(scene.automation(), scene.event())
    action = scene.action(firing, state="pending")
    seen = fragment("/firings/latest/").content.decode().split("seen=")[1][:16]

    quiet = fragment(f"/firings/latest/?seen={seen}").status_code
    action.state = "done"
    action.save()
    news = fragment(f"/firings/latest/?seen={seen}").status_code

    assert (quiet, news) == (204, 200)


def test_firings_of_an_automation_come_as_they_happen(
    viewer: Client, fragment: Fragment, db: None
) -> None:
    automation = scene.automation()
    address = f"/automations/{automation.pk}/"
    seen = fragment(address).content.decode().split("seen=")[1][:16]

    quiet = fragment(f"{address}?seen={seen}")
    scene.firing(automation, scene.event())
    news = fragment(f"{address}?seen={seen}")

    assert (quiet.status_code, news.status_code) == (204, 200)
    assert news.content.decode().strip() in viewer.get(address).content.decode()


def test_window_of_a_compound_spans_the_firings_of_its_children(viewer: Client, db: None) -> None:
    firing = scene.firing(scene.automation(), scene.event())
    firing.window_start = firing.window_end = scene.NOW
    firing.save()
    without = viewer.get(f"/firings/{firing.pk}/").content.decode()
    firing.children = [{"fired": scene.ago(seconds).isoformat()} for seconds in (5, 65)]
    firing.save()
    spanned = viewer.get(f"/firings/{firing.pk}/").content.decode()

    assert ("Window from" in without, "<dd>1 min</dd>" in spanned) == (False, True)


def test_reason_shows_its_backticks_as_code_and_nothing_as_markup(viewer: Client, db: None) -> None:
    firing = scene.firing(scene.automation(), scene.event())
    scene.action(firing, state="rejected", reason="`<b>` is missing.")

    html = viewer.get("/").content.decode()

    assert "<code>&lt;b&gt;</code> is missing." in html


def test_deployment_named_as_its_flow_is_named_once(viewer: Client, db: None) -> None:
    automation = scene.automation(runs=scene.deployment("pick-batch", flow="pick-batch"))

    html = viewer.get(f"/automations/{automation.pk}/").content.decode()

    assert ("run pick-batch." in html, "pick-batch / pick-batch" in html) == (True, False)


def test_a_failed_run_needs_attention_with_its_reason_and_can_be_tried_again(
    editor: Client, viewer: Client
) -> None:
    run = scene.run(scene.deployment(), states="SPRF")
    state = run.states.create(
        type="FAILED", name="Failed", message="ValueError: no rows\nTraceback: a long one",
        timestamp=scene.NOW,
    )  # fmt: skip
    FlowRun.objects.filter(pk=run.pk).update(state_id=state.pk)

    pages = [client.get("/").content.decode() for client in (editor, viewer)]

    assert all("1 run failed: ValueError: no rows" in page for page in pages)
    assert all("a long one" not in page for page in pages)
    retry = f'action="/runs/{run.pk}/retry/"'
    assert [retry in page for page in pages] == [True, False]


def test_alike_rows_in_a_row_are_one_with_a_number() -> None:
    rows = [SimpleNamespace(name=name, id=n) for n, name in enumerate("aabaaa")]

    grouped = environment().filters["in_a_row"](rows, "name")

    assert [(row.id, times) for row, times in grouped] == [(0, 2), (2, 1), (3, 3)]


def test_the_chain_of_an_event_leads_to_firings_runs_and_their_events(
    fragment: Fragment, db: None
) -> None:
    run = scene.run(scene.deployment(), name="brave-lynx")
    event = scene.event(seq=1)
    scene.action(scene.firing(scene.automation("first"), event), made=run)
    of_run = [{"prefect.resource.id": f"prefect.flow-run.{run.pk}"}]
    sent = scene.event("rows.loaded", seq=2, related=of_run)
    later = scene.firing(scene.automation("second"), sent)

    html = fragment(f"{reverse('firings:chain')}?event={event.id}").content.decode()
    back = fragment(f"{reverse('firings:chain')}?event={sent.id}").content.decode()

    for address in (f"/runs/{run.pk}/", f"/events/{sent.id}/", f"/firings/{later.pk}/"):
        assert address in html
    assert back.index(f"/events/{event.id}/") < back.index("brave-lynx") < back.index("rows.loaded")
