"""The command palette: what a text or an id leads to."""

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import EventCount
from tests.web import scene
from tests.web.fixtures import HTMX

GO = "/go/"


def places(client: Client, text: str) -> str:
    return client.get(GO, {"q": text}, headers=HTMX).content.decode()


def test_each_kind_of_thing_is_there_under_its_name(viewer: Client) -> None:
    deployment = scene.deployment("nightly-orders")
    automation = scene.automation("orders landed")
    EventCount.objects.create(event="orders.file.landed", log_day=scene.NOW.date(), events=3)

    html = places(viewer, "orders")

    assert reverse("automations:one", args=[automation.pk]) in html
    assert reverse("deployments:one", args=[deployment.pk]) in html
    assert "/events/?name=orders.file.landed" in html


def test_every_word_counts_in_any_order(viewer: Client) -> None:
    scene.automation("orders landed twice")

    assert "orders landed twice" in places(viewer, "twice ord")
    assert "orders landed twice" not in places(viewer, "twice gone")


def test_an_id_leads_to_what_has_it(viewer: Client) -> None:
    event = scene.event("a.b")
    deployment = scene.deployment()
    run = scene.run(deployment)
    automation = scene.automation()
    firing = scene.firing(automation, event)
    pages = {
        "events:one": event.id,
        "deployments:one": deployment.pk,
        "runs:one": run.pk,
        "automations:one": automation.pk,
        "firings:one": firing.pk,
    }

    for name, pk in pages.items():
        assert reverse(name, args=[pk]) in places(viewer, str(pk))


@pytest.mark.parametrize(
    "text", ["zebra", "\0", "%", "_", "0b40648b-4705-4e3a-9d2f-2f1c0a9f3b11", "x" * 5000]
)
def test_what_nothing_is_called_says_so(viewer: Client, text: str) -> None:
    scene.automation("orders")

    html = places(viewer, text)

    assert ("Nothing is called" in html) is bool(text.strip("\0"))


def test_viewers_are_not_led_to_what_only_editors_may(viewer: Client, editor: Client) -> None:
    assert "New automation" not in places(viewer, "new")
    assert "New automation" in places(editor, "new")


def test_without_a_script_it_is_a_page(viewer: Client) -> None:
    html = viewer.get(GO, {"q": "work"}).content.decode()

    assert "<h1>Go to</h1>" in html
    assert "Work pools" in html
    assert 'role="listbox"' not in html.split("<main", 1)[1].split("</main>")[0]
