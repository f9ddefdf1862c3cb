"""Lineage: layers around a focus, loops red and in words, the same as a table."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.web import scene
from triggers_app.models import Automation
from triggers_app.reads import lineage_counts
from triggers_app.services.lineage import AUTOMATION, MOST_IN_LAYER, Spot, lineage

pytestmark = pytest.mark.django_db


def test_an_event_leads_to_automations_and_deployments(viewer: Client) -> None:
    deployment = scene.deployment()
    of = scene.automation(runs=deployment)
    scene.firing(of, scene.event())

    text = viewer.get("/lineage/?event=orders.file.landed").content.decode()

    assert "orders-landed" in text
    assert "nightly-load / prod" in text
    assert ">1 firing<" in text
    assert '<path class="way way-1' in text


def test_an_automation_is_led_to_by_its_events_and_a_deployment_by_automations() -> None:
    deployment = scene.deployment()
    of = scene.automation(runs=deployment)

    around = lineage(Spot(AUTOMATION, str(of.pk)), now=scene.NOW)
    below = lineage(Spot("deployment", str(deployment.pk)), now=scene.NOW)

    assert around is not None
    assert below is not None
    assert [layer[0].kind for layer in around.layers] == ["event", "automation", "deployment"]
    assert [layer[0].kind for layer in below.layers] == ["event", "automation", "deployment"]


def test_a_loop_is_red_and_said_in_words(viewer: Client) -> None:
    deployment = scene.deployment()
    trigger = {"expect": ["prefect.flow-run.Completed"], "match": {}, "threshold": 1,
               "for_each": [], "within": 0}  # fmt: skip
    of = scene.automation("again", runs=deployment, trigger=trigger)

    text = viewer.get(f"/lineage/?automation={of.pk}").content.decode()

    assert " loops" in text
    assert "leads back" in text
    assert "whose prefect.flow-run.Completed fires" in text


def test_a_layer_is_bounded_and_says_so(viewer: Client) -> None:
    for number in range(MOST_IN_LAYER + 3):
        scene.automation(f"a-{number}")

    text = viewer.get("/lineage/?event=orders.file.landed").content.decode()

    assert "3 ways more are not drawn." in text


@pytest.mark.parametrize("query", ["automation=x", f"automation={scene.NOBODY}",
                                   "deployment=1", f"deployment={scene.NOBODY}"])  # fmt: skip
def test_what_is_not_there_is_not_found(viewer: Client, query: str) -> None:
    assert viewer.get(f"/lineage/?{query}").status_code == 404


def test_it_begins_with_what_was_seen(viewer: Client) -> None:
    assert "No event has been recorded" in viewer.get("/lineage/").content.decode()


def test_what_was_deleted_is_not_drawn(viewer: Client) -> None:
    of = scene.automation()
    Automation.objects.filter(pk=of.pk).update(deleted=scene.NOW)

    assert viewer.get(f"{reverse('lineage:picture')}?automation={of.pk}").status_code == 404


@pytest.mark.parametrize("kind", ["event", "automation", "deployment"])
def test_it_takes_at_most_ten_queries_with_those_of_the_session(
    kind: str, viewer: Client, django_assert_max_num_queries: Any
) -> None:
    first, second = scene.deployment("a"), scene.deployment("b")
    trigger = {"expect": ["prefect.flow-run.Completed"], "match": {}, "threshold": 1,
               "for_each": [], "within": 0}  # fmt: skip
    one = scene.automation("one", runs=first)
    scene.automation("two", runs=second, trigger=trigger)
    scene.event()
    of = {"event": "orders.file.landed", "automation": one.pk, "deployment": second.pk}

    with django_assert_max_num_queries(10):
        response = viewer.get(f"/lineage/?{kind}={of[kind]}")

    assert response.status_code == 200


def test_each_way_says_how_often_it_was_gone() -> None:
    first, second = scene.deployment("a"), scene.deployment("b")
    of = scene.automation(runs=first)
    completed = {"expect": ["prefect.flow-run.Completed"], "match": {}, "threshold": 1,
                 "for_each": [], "within": 0}  # fmt: skip
    after = scene.automation("after", runs=second, trigger=completed)
    for number in range(3):
        firing = scene.firing(of, scene.event(seq=number))
        scene.action(firing, made=scene.run(first, name=f"run-{number}"))
    place = {"prefect.resource.id": f"prefect.deployment.{first.pk}",
             "prefect.resource.role": "deployment"}  # fmt: skip
    done = scene.event("prefect.flow-run.Completed", seq=9, related=[place])
    scene.firing(after, done)

    picture = lineage(Spot(AUTOMATION, str(of.pk)), now=scene.NOW)

    assert picture is not None
    names = picture.names
    ways = {(names[one.start], names[one.end]): n for one, n in picture.ways.items()}
    assert ways["orders.file.landed", "orders-landed"] == 3
    assert ways["orders-landed", names[Spot("deployment", str(first.pk))]] == 3
    assert ways[names[Spot("deployment", str(first.pk))], "after"] == 1
    assert not picture.rough


def test_of_many_firings_the_newest_are_looked_at_and_shares_are_scaled(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage_counts, "SAMPLE", 2)
    of = scene.automation()
    for number in range(5):
        scene.firing(of, scene.event(seq=number))

    text = viewer.get(f"/lineage/?automation={of.pk}").content.decode()

    assert ">≈ 5<" in text
    assert ">≈5<" in text
