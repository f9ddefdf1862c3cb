"""Options for a field of the builder, at their address."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events_app.domain.event import to_us
from project.lib.clock import utcnow
from tests.menagerie import automation_document, event, reactive
from tests.triggers_app.builder.seen import seen
from tests.web import scene
from tests.web.fixtures import HTMX
from triggers_app.builder.drafts import service as drafts
from triggers_app.models import Draft


@pytest.fixture
def draft(db: None) -> Draft:
    at = utcnow() - timedelta(minutes=5)
    some = [event("order.paid", labels={"site": "<b>"}, id=str(n)) for n in range(3)]
    seen([*some, event("order.made", id="m")], at_ms=to_us(at) // 1000)
    document = automation_document(reactive("order.paid"))
    return drafts.open_new(document, author="eda", now=utcnow())


def asked(draft: Draft, **values: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return f"{reverse('builder:suggest', args=[draft.pk])}?{query}"


def test_options_carry_what_goes_into_the_field(editor: Client, draft: Draft) -> None:
    html = editor.get(asked(draft, kind="event_name", q="or"), headers=HTMX).content.decode()

    assert 'role="listbox"' in html
    assert 'id="choice-0" role="option" aria-selected="false" data-value="order.paid"' in html
    assert 'data-value="order.*"' in html


def test_values_are_of_the_triggers_events_and_harmless(editor: Client, draft: Draft) -> None:
    node = draft.document["trigger"]["id"]
    address = asked(draft, kind="label_value", label="site", node=node)

    html = editor.get(address, headers=HTMX).content.decode()

    assert 'data-value="&lt;b&gt;"' in html
    assert "<b>" not in html


def test_what_is_picked_by_name_carries_its_id(editor: Client, draft: Draft) -> None:
    deployment = scene.deployment("prod", flow="nightly-load")

    html = editor.get(asked(draft, kind="deployment", q="nightly"), headers=HTMX).content.decode()

    assert f'data-value="nightly-load / prod" data-key="{deployment.id}"' in html


@pytest.mark.parametrize(
    "values",
    [{}, {"kind": "nonsense"}, {"kind": "label_value", "node": "%ff", "label": "%ff", "q": "%25"},
     {"kind": "deployment", "q": "%25_"}, {"kind": "event_name", "q": "x" * 5000}],
    ids=["nothing", "unknown kind", "odd bytes", "odd name", "long"],
)  # fmt: skip
def test_odd_questions_have_no_options(
    editor: Client, draft: Draft, values: dict[str, str]
) -> None:
    answer = editor.get(asked(draft, **values), headers=HTMX)

    assert answer.status_code == 200
    assert "It may still be right." in answer.content.decode()


def test_without_a_script_it_is_a_page(editor: Client, draft: Draft) -> None:
    html = editor.get(asked(draft, kind="event_name")).content.decode()

    assert "<title>Suggestions · Flint</title>" in html
