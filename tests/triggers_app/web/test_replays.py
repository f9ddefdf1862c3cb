"""The page that replays an event: what viewers read, and what editors may do with it."""

import html
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from events_app.models import Event, Reader
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.models import ActionRun, Automation, Firing

AT_ONCE = {"threshold": 1, "within": 0.0, "id": str(uuid4())}


@pytest.fixture
def landed(db: None) -> Automation:
    """It fires at every event that lands, and runs nightly-load / prod."""
    return scene.automation("landed", runs=scene.deployment(), trigger=AT_ONCE)


@pytest.fixture
def event(landed: Automation) -> Event:
    Reader.objects.update_or_create(
        name="evaluate", defaults={"position_ms": 2**53, "position_seq": 0, "epoch": 1}
    )
    return scene.event()


def address(event: Event, name: str = "ask") -> str:
    return reverse(f"replays:{name}", args=[event.id])


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def start(client: Client, event: Event, *ids: object, **data: str) -> Any:
    given = {"automation": list(ids), "do": "real", "key": "k"} | data
    return client.post(address(event, "start"), given, headers=HTMX)


def test_a_viewer_reads_what_it_would_do_and_cannot_do_it(
    viewer: Client, event: Event, landed: Automation
) -> None:
    page = viewer.get(address(event))
    refused = start(viewer, event, landed.pk)

    assert "Would fire" in text_of(page)
    assert "Run nightly-load / prod" in text_of(page)
    assert 'id="replay-real"' not in text_of(page)
    assert (refused.status_code, Firing.objects.count()) == (403, 0)


def test_an_editor_replays_it_for_real_and_sees_it_done(
    editor: Client, event: Event, landed: Automation
) -> None:
    part = start(editor, event, landed.pk)

    firing = Firing.objects.get()
    assert (part.status_code, part.headers["HX-Trigger"]) == (200, '{"event-replayed": {}}')
    assert "1 automation fired." in text_of(part)
    assert f"/firings/{firing.pk}/" in text_of(part)
    assert f'id="replay-{landed.pk}"' in text_of(part)
    assert ActionRun.objects.get().firing == firing


def test_the_same_form_twice_fires_once_also_without_a_script(
    editor: Client, event: Event, landed: Automation
) -> None:
    form = {"automation": [str(landed.pk)], "do": "real", "key": "k", "again": "true"}

    first, second = (editor.post(address(event, "start"), form) for _ in range(2))

    assert [one.status_code for one in (first, second)] == [302, 302]
    assert first["Location"] == address(event)
    assert Firing.objects.count() == 1


def test_in_shadow_nothing_is_carried_out(editor: Client, event: Event, landed: Automation) -> None:
    start(editor, event, landed.pk, do="shadow")

    page = editor.get(reverse("firings:one", args=[Firing.objects.get().pk]))
    assert "The event was replayed into shadow: nothing was carried out" in text_of(page)
    assert not ActionRun.objects.exists()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("firings:list", ""), ("firings:latest", ""), ("firings:chain", "?event={event}"),
        ("firings:one", "{firing}"), ("firings:of-run", "?run={run}"),
    ],
    ids=["list", "newest", "of the event", "firing", "run"],
)  # fmt: skip
def test_it_is_marked_wherever_it_is_listed(
    name: str, arguments: str, editor: Client, event: Event, landed: Automation
) -> None:
    start(editor, event, landed.pk)
    firing, run = Firing.objects.get(), scene.run(scene.deployment("eu"))
    ActionRun.objects.update(flow_run_id=run.pk)
    given = arguments.format(event=event.id, firing=firing.pk, run=run.pk)
    query = given if given.startswith("?") else ""

    page = editor.get(reverse(name, args=[] if query or not given else [given]) + query)

    assert "replay" in text_of(page).split("<main", 1)[1]


@pytest.mark.parametrize("ticked", [True, False], ids=["too early", "nobody"])
def test_what_cannot_be_done_is_said(
    ticked: bool, editor: Client, event: Event, landed: Automation
) -> None:
    Reader.objects.filter(name="evaluate").update(position_ms=0 if ticked else 2**53)

    part = start(editor, event, *([landed.pk] if ticked else []))

    assert part.status_code == 422
    words = "has not come to this event yet" if ticked else "Choose at least one automation"
    assert words in text_of(part)
    assert not Firing.objects.exists()


@pytest.mark.parametrize("wrong", ["1", "1-2-3", "null"], ids=["number", "position", "word"])
def test_what_is_no_id_is_not_there(wrong: str, editor: Client, event: Event) -> None:
    assert start(editor, event, wrong).status_code == 404
    assert editor.get(address(event), {"automation": wrong}).status_code == 404


def test_one_automation_is_replayed_to_by_its_address(
    editor: Client, event: Event, landed: Automation
) -> None:
    scene.automation("another", trigger=AT_ONCE | {"id": str(uuid4())})

    page = text_of(editor.get(address(event), {"automation": str(landed.pk)}))

    assert "This automation" in page
    assert "another" not in page


def test_nobody_listens(editor: Client, event: Event) -> None:
    Automation.objects.update(enabled=False, change=9)

    assert "No automation listens to it." in text_of(editor.get(address(event)))
