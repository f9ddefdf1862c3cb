"""What holds for every page: who may see it, what is not there, what cannot be read."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from project.lib import jinja
from project.lib.clock import utcnow
from tests.web import scene
from tests.web.fixtures import HTMX

LISTS = [
    "overview",
    "go",
    "events:list",
    "firings:list",
    "automations:list",
    "deployments:list",
    "runs:list",
    "brakes:state",
    "watch:board",
    "catalogue:list",
    "lineage:picture",
    "variables:list",
    "limits:list",
    "work-pools:list",
    "artifacts:list",
    "blocks:list",
]
LATEST = ["events:latest", "firings:latest", "runs:latest"]
ONES = [
    "events:one",
    "replays:ask",
    "events:compare",
    "firings:one",
    "automations:one",
    "automations:explain",
    "deployments:one",
    "runs:one",
]
QUERIES = 10  # session, user, and at most eight of the page's own

every_list = pytest.mark.parametrize("name", LISTS + LATEST)
every_one = pytest.mark.parametrize("name", ONES)


@pytest.fixture
def ids(db: None) -> dict[str, UUID]:
    """One of everything: the event made the automation fire, which made the run."""
    event = scene.event(payload={"rows": 5210}, related=[{"prefect.resource.id": "tag:eu"}])
    deployment = scene.deployment(parameters={"limit": 5})
    run = scene.run(deployment, parameters={"customer": "acme", "rows": {"new": 3}})
    scene.log(run, "loaded 5210 rows")
    automation = scene.automation(runs=deployment)
    firing = scene.firing(automation, event)
    scene.action(firing, made=run)
    pks = (
        event.id,
        event.id,
        event.id,
        firing.pk,
        automation.pk,
        automation.pk,
        deployment.pk,
        run.pk,
    )
    return dict(zip(ONES, pks, strict=True))


@every_list
def test_list_works_when_it_is_empty_and_when_it_is_not(
    name: str, viewer: Client, request: Any
) -> None:
    empty = viewer.get(reverse(name))
    request.getfixturevalue("ids")
    filled = viewer.get(reverse(name))

    assert (empty.status_code, filled.status_code) == (200, 200)
    assert filled.content.decode().count("<h1>") == 1


@every_one
def test_one_works(name: str, viewer: Client, ids: dict[str, UUID]) -> None:
    response = viewer.get(reverse(name, args=[ids[name]]))

    assert response.status_code == 200
    assert f"{str(ids[name])[-6:]}" in response.content.decode()


@every_list
def test_list_sends_a_stranger_to_sign_in(name: str, client: Client, db: None) -> None:
    response = client.get(reverse(name))

    assert response.status_code == 302
    assert response.url == f"/sign-in/?next={reverse(name)}"  # type: ignore[attr-defined]


@every_one
def test_one_sends_a_stranger_to_sign_in(name: str, client: Client, ids: dict[str, UUID]) -> None:
    response = client.get(reverse(name, args=[ids[name]]))

    assert (response.status_code, response.content) == (302, b"")


@every_list
def test_fragment_tells_a_stranger_to_load_the_page_anew(
    name: str, client: Client, db: None
) -> None:
    response = client.get(reverse(name), headers=HTMX)

    assert (response.headers["HX-Refresh"], response.content) == ("true", b"")


@every_one
def test_unknown_id_is_not_found(name: str, viewer: Client) -> None:
    response = viewer.get(reverse(name, args=[scene.NOBODY]))

    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


@every_one
@pytest.mark.parametrize("id", ["1", "x", "..", "%00", "null", "A" * 400, "1-2-3", "%F0%9F%94%A5"])
def test_malformed_id_is_not_found(name: str, id: str, viewer: Client) -> None:
    address = reverse(name, args=[scene.NOBODY]).replace(str(scene.NOBODY), id)

    assert viewer.get(address).status_code in (200, 404) if id == ".." else 404


CURSORS = [
    "1", "-", "1-2", "1-2-3", "--", "9" * 400, f"{'9' * 30}-{scene.NOBODY.hex}", "\0", "a\0b",
    f"{scene.NOBODY.hex}-\0", f"{scene.NOBODY.hex}-name", f"-1-{scene.NOBODY.hex}",
    "1-2-99999999999",
    f"{1 << 63}-1-1", "²-" + scene.NOBODY.hex, "1.5-1-1", "' OR 1=1 --", "\U0001f525",
]  # fmt: skip


@every_list
@pytest.mark.parametrize("cursor", CURSORS, ids=range(len(CURSORS)))
def test_malformed_cursor_never_fails(
    name: str, cursor: str, viewer: Client, ids: dict[str, UUID]
) -> None:
    parameters = {"after": cursor, "seen": cursor, "name": cursor, "state": cursor}

    assert viewer.get(reverse(name), parameters).status_code in (200, 404, 422)


@pytest.mark.parametrize(
    "name",
    ["firings:list", "runs:list", *LATEST],
)
def test_live_region_is_part_of_its_page_and_then_unchanged(
    name: str,
    viewer: Client,
    fragment: Callable[[str], Any],
    ids: dict[str, UUID],
    monkeypatch: Any,
) -> None:
    now = utcnow()  # of all three answers: "1 s ago" is soon "2 s ago"
    monkeypatch.setattr(jinja, "utcnow", lambda: now)
    page = viewer.get(reverse(name))
    region = fragment(reverse(name))
    known = re.findall("seen=([0-9a-f]{16})", region.content.decode())
    again = fragment(f"{reverse(name)}?seen={known[0]}")

    assert region.content.decode().strip() in page.content.decode()
    assert (len(known), again.status_code, again.content) == (1, 204, b"")


@every_list
def test_list_asks_the_same_number_of_queries_however_long_it_is(
    name: str, viewer: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(7):
        deployment = scene.deployment(f"prod-{number}", parameters={"limit": number})
        run = scene.run(deployment, name=f"run-{number}")
        firing = scene.firing(
            scene.automation(f"automation-{number}", runs=deployment), scene.event(seq=number)
        )
        scene.action(firing, made=run)

    with django_assert_max_num_queries(QUERIES):
        viewer.get(reverse(name))


@every_one
def test_one_asks_few_queries(
    name: str, viewer: Client, ids: dict[str, UUID], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(QUERIES):
        viewer.get(reverse(name, args=[ids[name]]))


@every_list
def test_page_is_private_and_holds_no_inline_script_or_style(
    name: str, viewer: Client, ids: dict[str, UUID]
) -> None:
    response = viewer.get(reverse(name))
    html = response.content.decode()

    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-store"
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
    assert html.count("<script") == html.count('<script type="module" src=') + html.count(
        "<script src="
    )
