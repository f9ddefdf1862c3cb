"""What templates render to. Values: those recorded from Prefect, where Flint does not differ."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.templates import (
    Rendered,
    TemplateProblem,
    Templates,
    check_template,
)
from triggers_app.automation.templating.views import EventView, LabelsView

EVENT: dict[str, Any] = {
    "occurred": "2026-11-22T12:29:49.165095Z",
    "event": "tpl.all",
    "resource": {
        "prefect.resource.id": "tp.1",
        "prefect.resource.name": "TP One",
        "a.b": "mid",
        "a.b.c": "deep",
    },
    "related": [
        {"prefect.resource.id": "cust.1", "prefect.resource.role": "customer"},
        {"prefect.resource.id": "cust.2", "prefect.resource.role": "customer"},
    ],
    "payload": {
        "amount": 12.5,
        "items_": [1, {"a": 2}],
        "flag": True,
        "nul": None,
        "html": "<b>&\"x'",
        "items": "the key",
        "hostile": {"__prefect_kind": "jinja", "template": "{{ 6*7 }}"},
    },
    "id": "a0193b7a-c486-4d24-a59e-ed5b8d85f7c4",
    "follows": None,
    "received": "2026-11-22T12:29:49.169479Z",
}
VARIABLES: dict[str, Any] = {
    "event": EventView(EVENT),
    "events": [EventView(EVENT)],
    "automation": {
        "id": "0d3c1c7e-22f1-4c33-a6c1-3f9b54f4bb0e",
        "name": "tpl-all",
        "trigger": {"posture": "Reactive"},
    },
    "labels": LabelsView({"prefect.resource.id": "tp.1"}),
    "firing": {"triggered": datetime(2026, 11, 22, 12, 30, tzinfo=UTC)},
    "variables": {"color": "blue", "cfg": {"k": [1, 2]}},
}
TEMPLATES = Templates()


def render(text: str, **more: Any) -> Rendered:
    budget = Budget(time.monotonic, seconds=5)
    return TEMPLATES.render(TEMPLATES.compile(text), VARIABLES | more, budget)


NATIVE = [
    ("{{ event }}", EVENT),
    ("{{ event.payload.amount }}", 12.5),
    ("{{ event.payload.amount * 2 }}", 25.0),
    ("  {{ event.payload.amount }}  ", 12.5),
    ("{{ event.payload.items_ }}", [1, {"a": 2}]),
    ("{{ event.payload.flag }}", True),
    ("{{ event.payload.nul }}", None),
    ("{{ event.payload.items }}", "the key"),
    ("{{ event.payload.hostile }}", EVENT["payload"]["hostile"]),
    ("{{ event.payload.amount > 3 and event.event == 'tpl.all' }}", True),
    ("{{ event.resource }}", EVENT["resource"]),
    ("{{ event.resource.name }}", "TP One"),
    ("{{ event.resource['a.b.c'] }}", "deep"),
    ("{{ event.resource.labels.a.b.c }}", "deep"),
    ("{{ event.resource.labels.a.b }}", "mid"),
    ("{{ event.resource_in_role.customer.id }}", "cust.1"),
    ("{{ event.resources_in_role.customer | length }}", 2),
    ("{{ event.resources_in_role.nobody | length }}", 0),
    ("{{ event.related[0].id }}", "cust.1"),
    ("{{ event.related | map(attribute='id') | list }}", ["cust.1", "cust.2"]),
    ("{{ event.related | map(attribute='id') }}", ["cust.1", "cust.2"]),
    ("{{ event.id }}", EVENT["id"]),
    ("{{ event.occurred }}", "2026-11-22T12:29:49.165095Z"),
    ("{{ event.received.isoformat() }}", "2026-11-22T12:29:49.169479+00:00"),
    ("{{ event.url }}", None),
    ("{{ event.follows }}", None),
    ("{{ automation.trigger.posture }}", "Reactive"),
    ("{{ firing.triggered }}", "2026-11-22T12:30:00Z"),
    ("{{ labels }}", {"prefect.resource.id": "tp.1"}),
    ("{{ labels['prefect.resource.id'] }}", "tp.1"),
    ("{{ labels.prefect.resource.id }}", "tp.1"),
    ("{{ variables.cfg }}", {"k": [1, 2]}),
    ("{{ event.resource | ui_resource_events_url }}", "events?resource=tp.1"),
    ("{{ ('run/' ~ event.id ~ '!') | flow_run_id }}", EVENT["id"]),
    ("{{ event.payload.amount | humanize_intcomma }}", "12.5"),
    ("{{ 1234567 | humanize_intword }}", "1.2 million"),
    ("{{ 3000000 | humanize_naturalsize }}", "3.0 MB"),
    ("{{ event.occurred | humanize_naturaltime }}", "10 seconds ago"),
    ("{{ event.payload.items_ | tojson }}", '[1, {"a": 2}]'),
    ("{{ event.payload.html }}", "<b>&\"x'"),
    ("{{ event.payload.nope | default('x') }}", "x"),
    ("{{ [[1], [2]] | sum(start=[]) }}", [1, 2]),
    ("{{ {'at': event.occurred} }}", {"at": "2026-11-22T12:29:49.165095Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NATIVE, ids=[text for text, _ in NATIVE])
def test_a_lone_expression_keeps_its_native_type(text: str, value: object) -> None:
    rendered = render(text).value

    assert rendered == value
    assert type(rendered) is type(value)


TEXT = [
    ("v{{ event.payload.amount }}", "v12.5"),
    ("E={{ event.event }} R={{ event.resource.id }}", "E=tpl.all R=tp.1"),
    ("x {{ event.payload.items_ }}", "x [1, {'a': 2}]"),
    ("{{ event.payload.amount }}{{ event.payload.amount }}", "12.512.5"),
    ("{% if event.payload.amount > 1 %}big{% else %}small{% endif %}", "big"),
    ("at {{ event.occurred }}", "at 2026-11-22 12:29:49.165095+00:00"),
    ("{% for i in range(3) %}{{ i }},{% endfor %}", "0,1,2,"),
    ("{% for i in [4, 5] %}{{ loop.index }}{{ loop.cycle('a', 'b') }}{% endfor %}", "1a2b"),
    ("h {{ event.payload.html }}", "h <b>&\"x'"),
    ("{% raw %}{{ keep }}{% endraw %}", "{{ keep }}"),
    ("q {{ event.payload.html | tojson }}", 'q "\\u003cb\\u003e\\u0026\\"x\\u0027"'),
    ("{% for k, v in event.payload.items() %}{{ k[0] }}{% endfor %}", "aifnhih"),
    ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(1) }}", "<1>"),
    ("{% set x %}a{{ 1 }}{% endset %}{{ x }}", "a1"),
    ("{% filter upper %}a{{ 'b' }}{% endfilter %}", "AB"),
]


@pytest.mark.parametrize(("text", "value"), TEXT, ids=[text for text, _ in TEXT])
def test_anything_else_renders_to_text(text: str, value: str) -> None:
    assert render(text).value == value


def test_a_missing_value_alone_is_an_error_that_names_the_nearest_name() -> None:
    with pytest.raises(
        TemplateProblem, match="`amunt` does not exist; the nearest name is `amount`"
    ):
        render("{{ event.payload.amunt }}")


def test_a_missing_variable_is_an_error_that_names_the_nearest_variable() -> None:
    with pytest.raises(TemplateProblem, match="`evnt` does not exist; the nearest name is `event`"):
        render("{{ evnt.payload.deeper }}")


def test_a_missing_value_inside_a_list_is_an_error() -> None:
    with pytest.raises(TemplateProblem, match="`nope` does not exist"):
        render("{{ [event.payload.nope] }}")


def test_a_missing_value_in_text_is_empty_and_a_warning() -> None:
    rendered = render("[{{ event.payload.nope }}]")

    assert rendered.value == "[]"
    assert rendered.warnings[0].startswith("`nope` does not exist")


def test_what_a_template_renders_to_is_not_rendered_again() -> None:
    assert render("{{ data }}", data="{{ 7*7 }}").value == "{{ 7*7 }}"


BROKEN = [
    ("{{ x ", "unexpected end"),
    ("{{ x | nosuch }}", "No filter named 'nosuch'"),
    ("{% for a in b %}" * 3 + "{% endfor %}" * 3, "nested at most 2"),
    ("{% for a in b %}{% endfor %}" * 11, "at most 10 for loops"),
    ("{% include 'x' %}", "`include` is not available"),
    ("{% for a in b recursive %}{% endfor %}", "Recursive loops"),
    ("{{ x }}" + " " * 70_000, "at most 65,536 characters"),
    ("{{ x }}" * 5_000, "5,000 is the limit"),
    ("{{ " + "(" * 20_000 + " }}", "cannot be compiled"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_broken_template_is_told_at_its_creation(text: str, message: str) -> None:
    problems = check_template(text)

    assert len(problems) == 1
    assert message in problems[0].msg


def test_ten_loops_two_deep_are_fine() -> None:
    pair = "{% for a in b %}{% for c in a %}{% endfor %}{% endfor %}"

    assert check_template(pair * 5) == []
