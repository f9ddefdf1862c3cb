"""A draft's parameters on every firing of its backtest."""

import pytest

from events_app.models import Event
from tests.triggers_app.builder.parameters.test_chosen_event import chosen_of, draft_of, id_of
from tests.web import scene
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.parameters import firings as parameter_firings
from triggers_app.builder.parameters.firings import Over
from triggers_app.models import Draft

# A backtest reads by a connection of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tables")]


@pytest.fixture
def backtested(tables: None) -> Draft:
    """Ten files landed, every third without rows; the backtest of it is there."""
    for number in range(10):
        payload = {} if number % 3 == 0 else {"rows": number}
        scene.event(received=scene.ago(1000 - number * 10), seq=number, payload=payload)
    target = scene.deployment(
        parameter_openapi_schema={"properties": {"limit": {"type": "integer", "maximum": 7}}}
    )
    action = {"type": "run-deployment", "deployment_id": str(target.pk),
              "parameters": {"limit": "{{ event.payload.rows }}"}}  # fmt: skip
    draft = draft_of(action)
    assert backtests.look(draft, now=scene.NOW, patience=10).state == "done"
    return draft


def test_last_would_be_firing_is_tried_when_there_is_a_backtest(backtested: Draft) -> None:
    newest = Event.objects.order_by("-log_ms")[0]

    found = chosen_of(backtested)

    assert (found.source, id_of(found), found.firing_preview.complete) == (
        "backtest",
        newest.id,
        True,
    )


def over(draft: Draft) -> Over:
    found = parameter_firings.over_firings(draft, now=scene.NOW)
    assert found is not None
    return found


def test_all_firings_are_tried_and_failures_lead_to_their_events(backtested: Draft) -> None:
    [tally] = over(backtested).tallies

    assert (tally.tried, tally.clean) == (10, 5)
    told = {failure.sentence: failure.count for failure in tally.failures}
    assert told == {"`rows` does not exist.": 4, "8 is greater than the maximum of 7.": 1}
    eight = Event.objects.get(payload='{"rows": 8}')
    assert [one.event_id for one in tally.failures[1].examples] == [eight.id]


def test_firings_whose_events_are_gone_are_left_out(backtested: Draft) -> None:
    Event.objects.filter(payload="{}").delete()

    found = over(backtested)

    assert (found.firings, found.tried, found.gone) == (10, 6, 4)


def test_what_is_missing_beside_what_cannot_be_rendered_is_told_once(tables: None) -> None:
    scene.event(payload={})
    schema = {"required": ["day", "limit"], "properties": {"day": {}, "limit": {}}}
    target = scene.deployment(parameter_openapi_schema=schema)
    action = {"type": "run-deployment", "deployment_id": str(target.pk),
              "parameters": {"limit": "{{ event.payload.rows }}"}}  # fmt: skip
    draft = draft_of(action)
    backtests.look(draft, now=scene.NOW, patience=10)

    [tally] = over(draft).tallies

    told = [(failure.name, failure.sentence) for failure in tally.failures]
    assert told == [
        ("limit", "`rows` does not exist."),
        ("", "'day' is a required property."),
    ]
