"""Artifacts on their pages: rendered as their kind is read, never as what a flow wants to run."""

import json
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from runs_app.models import Artifact
from runs_app.services import artifacts
from tests.runs_app.examples import a_deployment, a_run

HTMX = {"HX-Request": "true"}


def made(kind: str | None = "markdown", data: Any = "x", **fields: Any) -> Artifact:
    document = artifacts.create({"key": "report", "type": kind, "data": data, **fields})
    return Artifact.objects.get(pk=document["id"])


class Tags(HTMLParser):
    """The tags of a text with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append((tag, dict(attrs)))


def content(client: Client, artifact: Artifact) -> str:
    return client.get(f"/artifacts/{artifact.pk}/", headers=HTMX).content.decode()


def test_markdown_is_rendered(viewer: Client) -> None:
    text = "# Sales\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n[to](https://shop.example)"

    html = content(viewer, made(data=text))

    assert "<h1>Sales</h1>" in html and "<td><strong>2</strong></td>" in html
    assert 'href="https://shop.example" rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "![x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="https://a.example" onclick="alert(1)">x</a>',
        "<form action=/automations/><button>",
        "<style>body{display:none}</style>",
        "<iframe src=//a.example></iframe>",
    ],
)
@pytest.mark.parametrize("field", ["data", "description"])
def test_nothing_of_a_flow_runs_or_looks_like_ours(viewer: Client, text: str, field: str) -> None:
    html = content(viewer, made(**{field: text}))

    tags = Tags(html.partition('prose">')[2].partition("</section>")[0])
    assert {name for name, _ in tags.opened} <= {"a", "p", "h2", "div", "span"}
    for _, attributes in tags.opened:
        assert not {"onclick", "onerror", "style", "src"} & attributes.keys()
        assert (attributes.get("href") or "https:").startswith("https:")


def test_images_from_elsewhere_are_links(viewer: Client) -> None:
    html = content(viewer, made(data="![chart](https://a.example/c.png)"))
    image = content(viewer, made("image", "https://a.example/c.png"))

    for each in (html, image):
        assert 'href="https://a.example/c.png"' in each and "<img" not in each
    assert 'href="javascript' not in content(viewer, made("image", "javascript:alert(1)"))


TABLES: dict[str, Any] = {
    "objects": [{"a": 1, "b": "<b>"}, {"a": 2}],
    "lists": [[1, "<b>"], [2]],
    "columns": {"a": [1, 2], "b": ["<b>"]},
    "text": json.dumps([{"a": 1, "b": "<b>"}]),
}


@pytest.mark.parametrize("data", TABLES.values(), ids=TABLES)
def test_a_table_is_a_table(viewer: Client, data: Any) -> None:
    html = content(viewer, made("table", data))

    assert "<table>" in html and "&lt;b&gt;" in html and "<b>" not in html


def test_a_long_table_says_how_long_it_is(viewer: Client) -> None:
    html = content(viewer, made("table", [{"n": number} for number in range(700)]))

    assert html.count("<tr>") == 501
    assert "The first 500 of 700 rows" in html


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("progress", 40.0, "40.0 of 100"),
        ("progress", 900, "100 of 100"),
        ("table", "no table", "no table"),
        ("table", [], "[]"),
        ("markdown", {"a": 1}, "entry"),
        (None, None, "null"),
        ("own", "<i>", "&lt;i&gt;"),
    ],
)
def test_every_kind_of_data_is_shown(viewer: Client, kind: Any, data: Any, text: str) -> None:
    assert text in content(viewer, made(kind, data))


def test_long_text_is_cut_and_says_so(viewer: Client) -> None:
    html = content(viewer, made(data="word " * 50_000))

    assert "the rest is left out" in html and len(html) < 210_000


def test_the_list_is_searched_by_key_and_paged(viewer: Client) -> None:
    for number in range(60):
        artifacts.create({"key": f"k-{number:02}", "type": "markdown", "data": "x"})

    first = viewer.get("/artifacts/").content.decode()
    assert "k-59" in first and "k-00" not in first and "after=" in first
    searched = viewer.get("/artifacts/?q=K-00").content.decode()
    assert "k-00" in searched and "k-59" not in searched
    assert "No artifact has such a key" in viewer.get("/artifacts/?q=none").content.decode()


def test_an_artifact_names_its_run_and_the_run_its_artifacts(viewer: Client) -> None:
    run_id = a_run(a_deployment(), name="grumpy-heron")
    artifact = made(flow_run_id=run_id)

    assert "grumpy-heron" in viewer.get(f"/artifacts/{artifact.pk}/").content.decode()
    html = viewer.get(f"/runs/{run_id}/artifacts/", headers=HTMX).content.decode()
    assert f"/artifacts/{artifact.pk}/" in html
    assert f"/runs/{run_id}/artifacts/" in viewer.get(f"/runs/{run_id}/").content.decode()


def test_versions_of_a_key_lead_to_each_other(viewer: Client) -> None:
    old, new = made(data="old"), made(data="new")

    assert f"/artifacts/{new.pk}/" in content(viewer, old)
    assert f"/artifacts/{old.pk}/" in content(viewer, new)


def test_editors_delete_and_nobody_finds_what_is_gone(viewer: Client, editor: Client) -> None:
    artifact = made()
    address = f"/artifacts/{artifact.pk}/"

    assert viewer.post(f"{address}delete/").status_code == 403
    assert editor.post(f"{address}delete/").status_code == 302
    assert editor.post(f"{address}delete/").status_code == 404
    assert viewer.get(address).status_code == 404
    assert viewer.get(f"/artifacts/{uuid4()}/").status_code == 404
