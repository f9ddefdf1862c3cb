import pytest
from django.test import Client

from runs_app.models import Deployment, FlowRun
from tests.web import scene
from tests.web.fixtures import HTMX

SCHEMA = {
    "type": "object",
    "required": ["limit"],
    "properties": {
        "limit": {"type": "integer", "minimum": 1},
        "rows": {"type": "array", "items": {"type": "string"}},
    },
}


@pytest.fixture
def loads(db: None) -> Deployment:
    return scene.deployment(parameter_openapi_schema=SCHEMA)


def address(of: Deployment, word: str = "run") -> str:
    return f"/deployments/{of.pk}/{word}/"


def test_form_has_a_field_for_every_parameter(editor: Client, loads: Deployment) -> None:
    html = editor.get(address(loads, "new-run")).content.decode()

    assert ['name="parameter.limit"' in html, 'name="parameter.rows"' in html] == [True, True]


def test_run_gets_typed_values_and_says_who_started_it(editor: Client, loads: Deployment) -> None:
    posted = {"parameter.limit": "5", "parameter.rows": '["a"]', "name": "by-hand"}

    response = editor.post(address(loads), posted, headers=HTMX)

    made = FlowRun.objects.get()
    assert response.headers["HX-Redirect"] == f"/runs/{made.pk}/"
    assert (made.parameters, made.name) == ({"limit": 5, "rows": ["a"]}, "by-hand")
    assert (made.created_by or {})["display_value"] == "eda"


@pytest.mark.parametrize(
    ("posted", "place"),
    [
        ({"parameter.limit": "x"}, "limit"),
        ({"parameter.limit": "0"}, "limit"),
        ({"parameter.limit": "1", "parameter.rows": "[1]"}, "rows"),
    ],
    ids=["not a number", "too small", "wrong item"],
)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["htmx", "plain"])
def test_wrong_value_is_refused_at_its_field(
    posted: dict[str, str],
    place: str,
    headers: dict[str, str],
    editor: Client,
    loads: Deployment,
) -> None:
    response = editor.post(address(loads), posted, headers=headers)

    html = response.content.decode()
    assert (response.status_code, FlowRun.objects.count()) == (422, 0)
    assert f'<a href="#field-parameter.{place}">' in html
    assert html.count('aria-invalid="true"') == 1


def test_missing_parameter_is_refused(editor: Client, loads: Deployment) -> None:
    response = editor.post(address(loads), {}, headers=HTMX)

    assert response.status_code == 422
    assert "&#39;limit&#39; is a required property" in response.content.decode()


@pytest.mark.parametrize(("text", "status"), [('{"a": 1}', 302), ("[1]", 422), ("{", 422)])
def test_deployment_without_a_schema_takes_an_object(
    text: str, status: int, editor: Client, db: None
) -> None:
    response = editor.post(address(scene.deployment()), {"parameters": text})

    assert response.status_code == status


def test_run_again_takes_the_same_parameters(editor: Client, db: None) -> None:
    old = scene.run(scene.deployment(), states="SPRF", parameters={"day": "2026-11-22"})

    response = editor.post(f"/runs/{old.pk}/retry/", headers=HTMX)

    made = FlowRun.objects.exclude(pk=old.pk).get()
    assert response.headers["HX-Redirect"] == f"/runs/{made.pk}/"
    assert (made.parameters, made.state_type) == ({"day": "2026-11-22"}, "SCHEDULED")


def test_deployment_is_paused_and_the_toast_undoes_it(editor: Client, loads: Deployment) -> None:
    paused = editor.post(address(loads, "pause"), {"paused": "true"}, headers=HTMX)
    loads.refresh_from_db()

    assert (paused.status_code, loads.paused) == (200, True)
    html = paused.content.decode()
    assert 'hx-swap-oob="true"' in html
    assert '<input type="hidden" name="paused" value="false">' in html.split('id="toasts"')[1]


@pytest.mark.parametrize("word", ["run", "pause", "new-run"])
def test_viewer_may_not(word: str, viewer: Client, loads: Deployment) -> None:
    ask = viewer.get if word == "new-run" else viewer.post

    assert ask(address(loads, word)).status_code == 403
