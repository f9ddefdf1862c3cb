from typing import Any

import pytest
from django.test import Client

from tests.web import scene
from tests.web.fixtures import HTMX, plain_static_files, viewer

__all__ = ["plain_static_files", "viewer"]


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({}, True),
        (HTMX, False),
        (HTMX | {"HX-History-Restore-Request": "true"}, True),
    ],
    ids=["without a script", "htmx", "history"],
)
def test_htmx_gets_the_fragment_and_everybody_else_the_page(
    headers: dict[str, str], whole: bool, viewer: Client
) -> None:
    response = viewer.get("/events/", headers=headers)

    assert ("<!doctype html>" in response.content.decode()) is whole
    assert "HX-Request" in response.headers["Vary"]


def test_chosen_theme_is_in_the_first_answer(viewer: Client) -> None:
    viewer.cookies["theme"] = "dark"

    assert '<html lang="en" data-theme="dark">' in viewer.get("/").content.decode()


def test_theme_that_nobody_offers_is_left_out(viewer: Client) -> None:
    viewer.cookies["theme"] = "'><script>"

    assert '<html lang="en">' in viewer.get("/").content.decode()


def test_a_page_that_fails_says_so_without_asking_the_database(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of sparks")

    monkeypatch.setattr("events_app.reads.events.page", fail)
    viewer.raise_request_exception = False

    response = viewer.get("/events/")

    assert response.status_code == 500
    assert "This did not work" in response.content.decode()
    assert "out of sparks" not in response.content.decode()


def test_error_pages_are_named_in_sentences(viewer: Client) -> None:
    scene.event()

    response = viewer.get("/no-such-page/")

    assert (response.status_code, "<h1>Nothing here</h1>" in response.content.decode()) == (
        404,
        True,
    )
