"""The list of automations by tag, by owner and by who manages them."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from project.lib.clock import utcnow
from tests.triggers_app.live import empty_tables
from tests.web import scene
from triggers_app.automation.document import with_ids
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation
from triggers_app.reads import automation_facets
from triggers_app.reads.automations import Narrowing
from triggers_app.reads.health import Unwell
from triggers_app.services import authoring


@pytest.fixture
def four(db: None) -> None:
    User.objects.create_user("ada")
    scene.automation("apple", tags=["nightly", "eu"], created_by="ada")
    scene.automation("banana", tags=["nightly"], created_by="terraform")
    scene.automation("cherry", owner_resource="prefect.deployment.1", created_by="ada")
    scene.automation("date", enabled=False, tags=["it's & <b>"], created_by="terraform")


def names_in(html: str) -> list[str]:
    return [name for name in ("apple", "banana", "cherry", "date") if f">{name}</a>" in html]


def facet(html: str, title: str) -> list[str]:
    """The words and numbers of a facet."""
    group = re.search(f'aria-label="{title}">(.*?)</div>', html, re.DOTALL)
    words = re.findall(r'href="[^"]*"[^>]*>(.*?)</a>', group[1]) if group else []
    return [unescape(re.sub("<[^>]+>", "", word)) for word in words]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"tag": "nightly"}, ["apple", "banana"]),
        ({"tag": "nightly", "owner": "ada"}, ["apple"]),
        ({"owner": "terraform"}, ["banana", "date"]),
        ({"managed": "deployment"}, ["cherry"]),
        ({"managed": "people"}, ["apple"]),
        ({"managed": "clients"}, ["banana", "date"]),
        ({"managed": "nobody"}, ["apple", "banana", "cherry", "date"]),
        ({"tag": "it's & <b>"}, ["date"]),
        ({"tag": "none"}, []),
        ({"tag": "nightly", "status": "off"}, []),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_the_list_is_narrowed(
    query: dict[str, str], names: list[str], viewer: Client, four: None
) -> None:
    assert names_in(viewer.get("/automations/", query).content.decode()) == names


def test_facets_say_how_many_of_the_list_there_are(viewer: Client, four: None) -> None:
    every = viewer.get("/automations/").content.decode()
    off = viewer.get("/automations/?status=off").content.decode()
    nightly = viewer.get("/automations/?tag=nightly").content.decode()

    assert facet(every, "Tag") == ["Any", "nightly 2", "eu 1", "it's & <b> 1"]
    assert facet(every, "Owner") == ["Any", "ada 2", "terraform 2"]
    assert facet(every, "Managed by") == ["Any", "API keys 2", "Deployments 1", "People 1"]
    assert (facet(off, "Tag"), facet(off, "Owner")) == (["Any", "it's & <b> 1"], [])
    assert facet(nightly, "Tag") == ["Any", "nightly 2"]
    assert facet(nightly, "Status") == ["Any 2", "On 2"]


def test_what_is_chosen_stays_in_the_search_and_the_bulk_form(editor: Client, four: None) -> None:
    html = editor.get("/automations/?tag=nightly&owner=ada").content.decode()

    assert html.count('<input type="hidden" name="tag" value="nightly">') == 2
    assert html.count('<input type="hidden" name="owner" value="ada">') == 2


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_who_saved_it_first_without_the_reason() -> None:
    with empty_tables():
        given = {"name": "a", "actions": [], "trigger": {"type": "event", "posture": "Reactive"}}
        document = with_ids(parse_automation(given))

        row = authoring.create(document, author="ada: for the night", now=utcnow())
        authoring.enable(row.pk, False, author="bo", now=utcnow())

        assert Automation.objects.get(pk=row.pk).created_by == "ada"


def test_of_very_many_only_those_with_the_most_are_counted(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation_facets, "MOST_FACETS", 1)
    scene.automation("a", tags=["x", "y"])
    scene.automation("b", tags=["y"])

    counted = automation_facets.facets(Narrowing(), Unwell())

    assert counted.origins["tag"] == {"y": 2}
