"""Filters, methods, views and the values that they give, one by one."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.triggers_app.automation.templating.test_templates import (
    EVENT,
    TEMPLATES,
    VARIABLES,
    render,
)
from triggers_app.automation.templating.budget import Budget, OutOfBudget, size_of
from triggers_app.automation.templating.parameters import names_in, render_parameters
from triggers_app.automation.templating.templates import TemplateProblem, Templates
from triggers_app.automation.templating.values import as_text, native
from triggers_app.automation.templating.views import EventView, LabelsView, ResourceView

FOLLOWER = EVENT | {"follows": EVENT["id"], "received": None, "payload": None, "related": None}
MORE = {
    "follower": EventView(FOLLOWER),
    "times": [datetime(2026, 11, 22, 12, 0, tzinfo=UTC), datetime(2026, 11, 22, 12, 0)],
}


FILTERED = [
    ("{{ event.payload.amount | int }}", 12),
    ("{{ 'a b' | title }}", "A B"),
    ("{{ [3, 1, 2] | sort }}", [1, 2, 3]),
    ("{{ '<b>x</b>' | striptags }}", "x"),
    ("{{ 'www.a.example' | urlize(rel='x') | length }}", 66),
    ("{{ 'a b' | batch(2) | list | length }}", 2),
    ("{{ nothing | upper }}", ""),
    ("{{ 'a' is eq('a') }}", True),
    ("{{ 'x' is in(['x']) }}", True),
    ("{{ 5 is callable }}", False),
    ("{{ 'a\nb' | wordwrap(9, true, '/') }}", "a/b"),
    ("{{ 5 | round(method='floor') }}", 5.0),
    ("{{ 0.5 | humanize_metric(unit='V') }}", "500 mV"),
    ("{{ times | humanize_apnumber | length > 9 }}", True),
    ("{{ 3661.5 | humanize_precisedelta(suppress=['hours']) }}", "61 minutes and 1.50 seconds"),
    ("{{ [1, 2, 3] | batch(2) | list }}", [[1, 2], [3]]),
    ("{{ 2.5 | round(0) }}", 2.0),
    ("{{ '' | default('x', true) }}", "x"),
    ("{{ 'a' | default('x') }}", "a"),
    ("{{ '<' | e }}", "&lt;"),
    ("{{ event.resource | attr('name') }}", "TP One"),
    ("{{ [1, 2] | join('-') }}", "1-2"),
    ("{{ event.related | join(', ', attribute='id') }}", "cust.1, cust.2"),
    ("{{ event.related | sum(attribute='id', start='') }}", "cust.1cust.2"),
    ("{{ 'aaa' | replace('a', 'b') }}", "bbb"),
    ("{{ 'aaa' | replace('a', 'b', 1) }}", "baa"),
    ("{{ '%s is %s' | format('a', 1) }}", "a is 1"),
    ("{{ '%(a)s' | format(a=1) }}", "1"),
    ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
    ("{{ 'a\nb' | indent('> ', true) }}", "> a\n> b"),
    ("{{ 'one two three' | wordwrap(7) }}", "one two\nthree"),
    ("{{ [1, {'a': 'b'}] | pprint }}", "[1, {'a': 'b'}]"),
    ("{{ {'a': 1} | tojson(indent=2) }}", '{\n  "a": 1\n}'),
    ("{{ event | ui_url }}", f"events/event/2026-11-22/{EVENT['id']}"),
    ("{{ labels | ui_url }}", None),
    ("{{ 5 | ui_resource_events_url }}", None),
    ("{{ event | ui_resource_events_url }}", "events?resource=tp.1"),
    ("{{ labels | ui_resource_events_url }}", None),
    ("{{ 'no run' | flow_run_id }}", None),
    ("{{ 3 is even }}", False),
    ("{{ 'a' is string }}", True),
    ("{{ 'upper' is filter }}", True),
    ("{{ nothing is defined }}", False),
    ("{{ [2, 3] | select('even') | list }}", [2]),
    ("{{ 5 | humanize_apnumber }}", "five"),
    ("{{ '12' | humanize_ordinal }}", "12th"),
    ("{{ 1536 | humanize_naturalsize(format='%.2f') }}", "1.54 kB"),
    ("{{ 0.5 | humanize_scientific(precision=2) }}", "5.00 x 10⁻¹"),
    ("{{ 12.25 | humanize_fractional }}", "12 1/4"),
    ("{{ times[1] | humanize_naturaltime }}", "30 minutes ago"),
    ("{{ 30 | humanize_naturaltime }}", "30 seconds ago"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), FILTERED, ids=[text for text, _ in FILTERED])
def test_filters_and_tests_give(text: str, value: object) -> None:
    assert render(text, **MORE).value == value


METHODS = [
    ("{{ 'a,b'.split(',') }}", ["a", "b"]),
    ("{{ 'a\tb'.expandtabs(4) }}", "a   b"),
    ("{{ '-'.join(['a', 'b']) }}", "a-b"),
    ("{{ 'aa'.replace('a', 'b', 1) }}", "ba"),
    ("{{ 'a'.center(3) }}", " a "),
    ("{{ '{:>4} {a}'.format(1, a=2) }}", "   1 2"),
    ("{{ '%d%%' % 5 }}", "5%"),
    ("{{ event.occurred.date() }}", "2026-11-22"),
    ("{{ event.occurred.time() }}", "12:29:49.165095"),
    ("{{ event.occurred.strftime('%d %b') }}", "22 Nov"),
    ("{{ event.received - event.occurred }}", "0.004384"),
    ("{{ times[1] }}", "2026-11-22T12:00:00Z"),
    ("{{ event.id.hex }}", EVENT["id"].replace("-", "")),
    ("{{ event.payload.get('amount') }}", 12.5),
    ("{{ event.payload.keys() | list | length }}", 7),
    ("{{ variables.cfg.keys() }}", ["k"]),
    ("{{ event.resource.items() | length }}", 4),
    ("{{ labels.keys() }}", ["prefect.resource.id"]),
    ("{{ event.resource.labels.a.values() | list }}", ["mid", "deep"]),
    ("{{ dict(a=1) }}", {"a": 1}),
    ("{{ range(3) }}", [0, 1, 2]),
    ("{{ 'abc'[1:] }}", "bc"),
    ("{{ [1, 2][0] }}", 1),
    ("{{ [1, 2][9] | default('none') }}", "none"),
    ("{{ (5)['x'] | default('none') }}", "none"),
    ("{{ 5 .real }}", 5),
    ("{{ event.payload[5] | default('none') }}", "none"),
    ("{{ event.resource[5] | default('none') }}", "none"),
    ("{{ event[5] | default('none') }}", "none"),
    ("{{ labels[5] | default('none') }}", "none"),
    ("{{ event.nope | default('none') }}", "none"),
    ("{{ event.nope.deeper['x'][1] | default('none') }}", "none"),
    ("{{ 2 ** 3 * 2 + 1 }}", 17),
    ("{{ 'ab' * 2 }}", "abab"),
    ("{{ [1] * 2 + [2] }}", [1, 1, 2]),
    ("{{ 7 % 4 }}", 3),
    ("{{ 2 ** 0.5 > 1 }}", True),
]


@pytest.mark.parametrize(("text", "value"), METHODS, ids=[text for text, _ in METHODS])
def test_methods_items_and_operators_give(text: str, value: object) -> None:
    assert render(text, **MORE).value == value


DATED = {"1": 2, "None": 3, "2026-11-22T12:29:49.165095Z": 4}
VIEWED = [
    ("{{ follower.follows }}", EVENT["id"]),
    ("{{ follower.received }}", None),
    ("{{ follower.payload }}", {}),
    ("{{ follower.related }}", []),
    ("{{ event.resource.role }}", None),
    ("{{ event.resource.root['a.b'] }}", "mid"),
    ("{{ event.resource['id'] }}", "tp.1"),
    ("{{ event.involved_resources | length }}", 3),
    ("{{ event.resource_in_role }}", {"customer": EVENT["related"][0]}),
    ("{{ event.resources_in_role }}", {"customer": EVENT["related"]}),
    ("{{ event.resource_in_role.nobody | default('none') }}", "none"),
    ("{{ event.resource.labels.a.b == 'mid' }}", True),
    ("{{ {event.resource.labels.a.b: 1} }}", {"mid": 1}),
    ("{{ {1: 2, none: 3, event.occurred: 4} }}", DATED),
    ("{% for name in event.resource.labels.a %}{{ name }} {% endfor %}", "b b.c "),
    ("{% for name in event.resource %}{{ name[0] }}{% endfor %}", "ppaa"),
    ("{{ event.resource | length }}{{ event.resource.labels | length }}", "44"),
    ("{{ event.resource.labels.a }}!", '{"a.b":"mid","a.b.c":"deep"}!'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VIEWED, ids=[text for text, _ in VIEWED])
def test_views_show(text: str, value: object) -> None:
    assert render(text, **MORE).value == value


WRONG = [
    ("{{ 5 | humanize_apnumber | nope }}", "No filter"),
    ("{{ nothing | humanize_naturaltime }}", "needs a time"),
    ("{{ 5 | humanize_intword('%' ~ 'x' * 200) }}", "An argument's length"),
    ("{{ ('x' * 2000) | humanize_intcomma }}", "A text's length here"),
    ("{{ 5 | humanize_scientific(500) }}", "An argument"),
    ("{{ ','.join(5) }}", "join\\(\\) takes a list"),
    ("{{ '%*d' % (5, 1) }}", "A width of \\*"),
    ("{{ event.resource_in_role.customr.id }}", "nearest name is `customer`"),
    ("{% for x in nothing %}{% endfor %}{{ x }}{{ 'a'.encode() }}", "no attribute 'encode'"),
    ("{{ 'a'.maketrans }}", "no attribute|does not exist"),
    ("{% for i in range(100) %}{{ 'x' * 90000 }}{% endfor %}", "longer than 1 MiB"),
    ("{{ event.occurred.strftime }}", "call it with \\(\\)"),
    ("{{ namespace(a=1) }}", "cannot be a parameter"),
    ("{{ 'a'.nope() }}", "no attribute 'nope'"),
    ("{{ event.payload() }}", "cannot be called"),
    ("{{ event._document }}", "does not exist|private"),
    ("{{ 1e308 * 10 }}", "not a number that JSON can hold"),
    ("{{ {nothing: 1} }}", "`nothing` does not exist"),
    ("{{ 'x' if false }}", "its condition is false"),
    ("{{ 1 + 'a' }}", "unsupported operand"),
    ("{{ {'a': 1}.pop('a') }}", "no attribute 'pop'"),
    ("{{ [] | first }}", "no value|does not exist|No first item"),
    ("{{ [1, 2] | batch(100000) }}", "The argument"),
    ("{{ (2 ** 8000) * (2 ** 8000) }}", "A number's bits"),
    ("{{ 'a' * 3000000 }}", "A repeated value's length"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[text for text, _ in WRONG])
def test_what_cannot_be_is_told(text: str, message: str) -> None:
    with pytest.raises(TemplateProblem, match=message):
        render(text, **MORE)


def test_a_firing_is_needed_to_count_from() -> None:
    with pytest.raises(TemplateProblem, match="a firing to count from"):
        render("{{ event.occurred | humanize_naturaltime }}", firing=None)


def test_only_so_many_templates_are_kept() -> None:
    templates = Templates(kept=1)

    first = templates.compile("{{ 1 }}")

    assert templates.compile("{{ 1 }}") is first
    assert templates.compile("{{ 2 }}").text == "{{ 2 }}"
    assert templates.compile("{{ 1 }}") is not first


def test_every_step_counts() -> None:
    budget = Budget(time.monotonic, seconds=5, steps=200)

    with pytest.raises(TemplateProblem, match="too many steps"):
        TEMPLATES.render(TEMPLATES.compile("{{ 'x' * 100 }}" * 200), VARIABLES, budget)


def test_a_template_that_is_nested_too_deeply_is_told() -> None:
    text = "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}"

    with pytest.raises(TemplateProblem, match=r"nested too deeply|too many steps|too long"):
        render(text)


def test_values_are_measured_to_their_depth() -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]

    with pytest.raises(TemplateProblem, match="nested deeper than 100"):
        render("{{ deep }}", deep=deep)


PARAMETERS = [
    ({"__prefect_kind": "json", "value": "[1, 2]"}, [1, 2], ""),
    ({"__prefect_kind": "json", "value": {"a": 1}}, {"a": 1}, ""),
    ({"__prefect_kind": "json", "value": "NaN"}, None, "NaN is not JSON"),
    ({"__prefect_kind": "json", "value": "["}, None, "The value is not JSON"),
    ({"__prefect_kind": "workspace_variable", "variable_name": "color"}, "blue", ""),
    ({"__prefect_kind": "workspace_variable", "variable_name": "nope"}, None, "no variable `nope`"),
    ({"__prefect_kind": "other", "value": "{{ event.event }}"}, "tpl.all", ""),
    ({"__prefect_kind": "jinja", "template": "{{ event.payload.amount }}"}, "12.5", ""),
    ([{"__prefect_kind": "none"}, "a"], ["a"], ""),
    ({"a": {"__prefect_kind": "none"}, "b": 1}, {"b": 1}, ""),
]


@pytest.mark.parametrize(
    ("given", "value", "problem"), PARAMETERS, ids=[str(given) for given, _, _ in PARAMETERS]
)
def test_parameters_of_every_kind(given: Any, value: Any, problem: str) -> None:
    budget = Budget(time.monotonic, seconds=5)

    result = render_parameters(
        {"p": given}, variables=VARIABLES, templates=TEMPLATES, budget=budget
    )

    assert result.values == {"p": value}
    assert problem in " ".join(one.msg for one in result.problems)


def test_a_parameter_without_any_value_is_left_out() -> None:
    budget = Budget(time.monotonic, seconds=5)
    nothing = {"p": {"__prefect_kind": "none"}}

    result = render_parameters(nothing, variables={}, templates=TEMPLATES, budget=budget)

    assert result.values == {}


def test_broken_templates_want_no_variables() -> None:
    given = {"a": "{{ event.id }}", "b": ["{{ firing"], "c": {"d": "{{ flow.name }}"}}

    assert names_in(given, templates=TEMPLATES) == {"event", "flow"}


def test_labels_are_a_mapping_of_texts() -> None:
    labels = LabelsView({"a": "1", "a.b": "2", "c": "3"})

    assert (dict(labels), len(labels), labels["a.b"]) == ({"a": "1", "a.b": "2", "c": "3"}, 3, "2")
    assert (list(labels.names()), hash(labels) == hash(str(labels))) == (["a", "c"], True)
    assert (labels.member("a") == "1", labels.member("c") == "3") == (True, True)


def test_a_resource_is_a_mapping_of_texts() -> None:
    resource = ResourceView({"prefect.resource.id": "x", "a": "1"})

    assert (dict(resource), len(resource)) == ({"prefect.resource.id": "x", "a": "1"}, 2)
    assert list(resource.names())[-1] == "a"


def test_a_budget_says_what_it_lacks() -> None:
    budget = Budget(iter([0.0, *[9.0] * 100]).__next__, seconds=1)

    with pytest.raises(OutOfBudget, match="too long"):
        for _ in range(100):
            budget.step()


def _free_budget() -> Budget:
    return Budget(time.monotonic, seconds=5)


def test_parameters_hold_what_json_holds() -> None:
    view = EventView(EVENT)

    assert native([view], budget=_free_budget()) == [EVENT]
    assert as_text({"a": 1}.keys(), budget=_free_budget()) == "['a']"
    assert as_text(view.document()["occurred"], budget=_free_budget()) == EVENT["occurred"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2**9000, "The number is too large"),
        (iter(range(3)), "A range_iterator cannot"),
        ((one for one in [1] * 100_001), "at most 100,000 members"),
        (10 * [10 * [10 * [10 * ["x" * 200]]]], "longer than 1 MiB"),
    ],
    ids=["number", "iterator", "generator", "text"],
)
def test_parameters_do_not_hold(value: object, message: str) -> None:
    with pytest.raises((OutOfBudget, TypeError), match=message):
        native(value, budget=_free_budget())


def test_deep_values_are_not_measured_for_ever() -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]

    with pytest.raises(OutOfBudget, match="nested deeper"):
        size_of(deep, at_most=10**9, budget=_free_budget())


def test_what_got_in_by_mistake_cannot_be_called() -> None:
    with pytest.raises(TemplateProblem, match="append cannot be called"):
        render("{{ f(1) }}", f=[].append)


def test_objects_that_are_no_values_have_no_text() -> None:
    with pytest.raises(TypeError, match="A object cannot be a parameter"):
        as_text(object(), budget=_free_budget())
