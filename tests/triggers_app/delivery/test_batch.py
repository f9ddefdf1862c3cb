"""What a batch may cost: templates that take long to compile hold up no other batch."""

from datetime import UTC, datetime

from triggers_app.automation.templating.templates import Templates
from triggers_app.delivery.batch import RENDERING_SECONDS, Batch

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def batch(*moments: float) -> Batch:
    return Batch([], NOW, Templates(), iter(moments).__next__)


def test_names_are_those_of_the_templates() -> None:
    parameters = [{"a": "{{ event.id }}"}, {"b": ["{{ flow_run.name }}"]}]

    names = batch(*[0.0] * 99).names_in_time(parameters)

    assert names == [{"event"}, {"flow_run"}]


def test_what_there_is_no_time_for_is_left_out_from_the_end() -> None:
    late = RENDERING_SECONDS + 0.1

    names = batch(*[0.0] * 5, *[late] * 99).names_in_time([{"a": "{{ event }}"}] * 3)

    assert names == [{"event"}]


def test_one_is_looked_at_however_late_it_is() -> None:
    late = RENDERING_SECONDS + 0.1

    assert batch(0.0, *[late] * 99).names_in_time([{"a": "{{ event }}"}] * 2) == [{"event"}]
