"""Variables and concurrency limits on their pages."""

from typing import Any

import pytest
from django.test import Client

from project.lib.clock import utcnow
from runs_app.models import ConcurrencyLimit, Variable
from runs_app.services import concurrency
from runs_app.services.concurrency import LeaseTerms

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [("eu", "eu"), ('{"a": [1]}', {"a": [1]}), ("7", 7), ("", ""), ("{not json", "{not json")],
)
def test_a_variable_is_saved_as_json_or_text_and_saved_again(
    editor: Client, typed: str, value: Any
) -> None:
    for text in ("first", typed):
        body = {"name": "region", "value": text, "tags": "b, a,"}
        html = editor.post("/variables/put/", body, headers=HTMX).content.decode()

    row = Variable.objects.get()
    assert (row.name, row.value, row.tags) == ("region", value, ["a", "b"])
    assert "Variable region saved." in html


@pytest.mark.parametrize("body", [{"name": "Big Name"}, {"name": "x", "value": '"' * 4999}])
def test_a_wrong_variable_is_told_beside_its_field(editor: Client, body: Any) -> None:
    assert editor.post("/variables/put/", body, headers=HTMX).status_code == 422
    assert not Variable.objects.exists()


def test_variables_are_shown_to_viewers_and_deleted_by_editors(
    viewer: Client, editor: Client
) -> None:
    row = Variable.objects.create(name="region", value={"a": "<b>"}, tags=["t"])

    html = viewer.get("/variables/").content.decode()
    assert "&lt;b&gt;" in html and "/variables/put/" not in html
    assert viewer.post(f"/variables/{row.pk}/delete/").status_code == 403
    assert editor.post(f"/variables/{row.pk}/delete/").status_code == 302
    assert editor.post(f"/variables/{row.pk}/delete/").status_code == 404


def test_limits_show_their_slots(viewer: Client) -> None:
    concurrency.create({"name": "database", "limit": 3}, now=utcnow())
    concurrency.take(["database"], 2, now=utcnow(), lease=LeaseTerms(seconds=60))

    html = viewer.get("/limits/").content.decode()

    assert "2 of 3" in html and "/limits/put/" not in html


def test_a_limit_is_saved_again_and_deleted(editor: Client) -> None:
    for limit in ("1", "4"):
        editor.post("/limits/put/", {"name": "database", "limit": limit, "decay": "0.5"})

    row = ConcurrencyLimit.objects.get()
    assert (row.limit, row.slot_decay_per_second) == (4, 0.5)
    assert editor.post(f"/limits/{row.pk}/delete/", headers=HTMX).status_code == 200
    assert editor.post(f"/limits/{row.pk}/delete/").status_code == 404


@pytest.mark.parametrize("body", [{"name": "a/b", "limit": "1"}, {"name": "a", "limit": "-1"}, {}])
def test_a_wrong_limit_is_refused(editor: Client, body: dict[str, str]) -> None:
    assert editor.post("/limits/put/", body, headers=HTMX).status_code == 422
    assert not ConcurrencyLimit.objects.exists()
