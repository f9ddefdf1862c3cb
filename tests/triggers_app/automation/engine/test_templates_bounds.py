"""No template hangs, escapes, or makes more than it may."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.triggers_app.automation.templating.test_templates import EVENT, VARIABLES, render
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import (
    check_parameters,
    names_in,
    render_parameters,
)
from triggers_app.automation.templating.templates import TemplateProblem, Templates

DOUBLING = (
    "{%% set ns = namespace(a=1, b=1) %%}{%% for i in range(60) %%}"
    "{%% set ns.a = %s %%}{%% set ns.b = %s %%}{%% endfor %%}{{ %s }}"
)
NESTED = ("[ns.a, ns.a]", "[ns.b, ns.b]")
GREEDY = [
    "{{ 'a' * 10**9 }}",
    "{{ [1] * 10**9 }}",
    "{{ 'a'.ljust(10**9) }}",
    "{{ 'a' | center(1000000000) }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '%*d' % (1000000000, 1) }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '{:1000000000}'.format(1) }}",
    "{{ '{:{w}}'.format(1, w=1000000000) }}",
    "{{ 2 ** 100000 }}",
    "{{ (2**8000) * (2**8000) }}",
    "{{ range(1000) }}",
    "{{ ('x' * 1000000) | replace('x', 'y' * 1000) }}",
    "{{ ('x' * 1000000).replace('x', 'y' * 1000) }}",
    "{{ [1, 2] | batch(1000000000, 'x') | list }}",
    "{{ [1, 2] | slice(1000000000) | list }}",
    "{{ 1.5 | round(1000000000, 'floor') }}",
    "{{ ('x' * 2000000) | urlize }}",
    "{{ ('\n' * 100000) | indent(10000) }}",
    "{{ '\t'.expandtabs(1000000000) }}",
    "{{ ','.join(['x' * 1000000] * 1000) }}",
    "{{ ['x' * 1000000] * 1000 }}",
    "{{ 'x' * 1100000 }}",
    "a{{ 'x' * 1100000 }}",
    "{% for i in range(100) %}{% for j in range(100) %}" + "x" * 200 + "{% endfor %}{% endfor %}",
    DOUBLING % ("ns.a ~ ns.a", "1", "ns.a"),
    DOUBLING % ("ns.a|string + ns.a|string", "1", "ns.a"),
    *(
        DOUBLING % (*NESTED, use)
        for use in (
            *("ns.a", "ns.a | tojson", "ns.a | pprint", "ns.a == ns.b", "ns.a | upper"),
            *("[ns.a, ns.b] | sort", "{'a': ns.a} | xmlattr", "ns.a in [ns.b]", "ns.a is eq(ns.b)"),
        )
    ),
    "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(100) }}",
    "{{ 5 | humanize_scientific(1000000000) }}",
    "{{ 5 | humanize_intword('%.1000000000f') }}",
    "{{ '\\x00' }}",
    "{{ '\\ud800' }}",
    "{{ 1e308 * 10 }}",
]


@pytest.mark.parametrize("text", GREEDY)
def test_a_greedy_template_is_stopped(text: str) -> None:
    started = time.monotonic()

    with pytest.raises(TemplateProblem):
        compiled = Templates().compile(text)
        Templates().render(compiled, VARIABLES, Budget(time.monotonic, seconds=0.05))

    assert time.monotonic() - started < 2


PRYING = [
    "{{ ''.__class__ }}",
    "{{ event.__class__ }}",
    "{{ event._document }}",
    "{{ event.member }}",
    "{{ event | attr('__class__') }}",
    "{{ [event] | map(attribute='__class__') | list }}",
    "{{ '{0.__class__}'.format(1) }}",
    "{{ range.__init__ }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ namespace(a=1).__class__ }}",
    "{{ self.__init__ }}",
    "{{ event.payload.update({}) }}",
    "{{ event.payload.items_.append(1) }}",
    "{{ dict.mro() }}",
    "{{ lipsum() }}",
    "{{ 'a'.encode() }}",
    "{{ (1).to_bytes(9) }}",
    "{{ event.occurred.__reduce__() }}",
    "{{ caller.__globals__ }}",
]


@pytest.mark.parametrize("text", PRYING)
def test_nothing_private_can_be_reached(text: str) -> None:
    with pytest.raises(TemplateProblem):
        render(text)


def test_a_template_cannot_change_the_event() -> None:
    before = repr(EVENT)

    with pytest.raises(TemplateProblem):
        render("{{ event.payload.pop('amount') }}")
    assert repr(EVENT) == before


def test_all_parameters_of_an_action_share_one_limit_of_time() -> None:
    busy = "{% for i in range(100) %}{% for j in range(100) %}{{ i * j }}{% endfor %}{% endfor %}"
    started = time.monotonic()
    budget = Budget(time.monotonic, seconds=0.05)

    result = render_parameters(
        {f"p{i}": busy for i in range(50)}, variables={}, templates=Templates(), budget=budget
    )

    assert time.monotonic() - started < 1
    assert result.problems[-1].msg.endswith("The template takes too long.")


SLOW = {
    "many parts": "{{ a }}x" * 2400,
    "too many parts": "{{a}}" * 13_000,
    "a long list": "{{ [" + "1," * 32_000 + "] }}",
    "many calls": "{{ " + "a.b(c).d(e) ~ " * 600 + "a }}",
    "macros": "{% macro a(b, c, d) %}{{ b }}{% endmacro %}" * 800,
    "a long chain": "{{ " + "a+" * 32_000 + "a }}",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
@pytest.mark.parametrize("kind", ["render", "check", "names"])
def test_the_limit_of_time_holds_for_compiling_too(text: str, kind: str) -> None:
    parameters = {f"p{number}": f"{number} {text}" for number in range(200)}
    started = time.thread_time()
    names_in({"one": text}, templates=Templates(), budget=Budget(time.thread_time, seconds=60))
    one = time.thread_time() - started
    templates, budget = Templates(), Budget(time.thread_time, seconds=0.2)
    started = time.thread_time()

    if kind == "render":
        result = render_parameters(parameters, variables={}, templates=templates, budget=budget)
        assert result.problems[-1].msg.endswith("The template takes too long.")
    elif kind == "check":
        problems = check_parameters(parameters, loc=(), templates=templates, budget=budget)
        assert problems[-1].msg == "The template takes too long."
    else:
        names_in(parameters, templates=templates, budget=budget)

    # Whoever compiles or renders one is not cut off in it; 200 of them would be far beyond.
    assert time.thread_time() - started < 0.4 + 8 * one


def test_what_is_compiled_already_takes_no_time_of_the_limit() -> None:
    templates, over = Templates(), Budget(iter([0.0, *[9.0] * 100]).__next__, seconds=1)
    templates.compile("{{ event }}")

    assert templates.compile("{{ event }}", budget=over).names == {"event"}
    with pytest.raises(TemplateProblem, match="too long"):
        templates.compile("{{ events }}", budget=over)


_WORDS = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "{#", "#}", "event", ".payload", ".items()", "for", "in", "if"),
        *("endfor", "endif", "set", "macro", "endmacro", "x", "y", "=", "==", "+", "*", "**", "~"),
        *("%", "|", "(", ")", "[", "]", "{", "}", ",", ":", ".", "'a'", "'%9d'", "1", "99999999"),
        *("upper", "join", "list", "map", "sort", "tojson", "format", "range", "namespace", "loop"),
        *("not", "is", "defined", "else", "replace", "center", "__class__", "-", "/", "\n", "ünï"),
    ]
)


@settings(max_examples=120)
@given(st.lists(_WORDS, max_size=25).map(" ".join) | st.text(max_size=60))
def test_any_text_renders_or_is_a_problem(text: str) -> None:
    started = time.monotonic()

    try:
        compiled = Templates().compile(text)
        Templates().render(compiled, VARIABLES, Budget(time.monotonic, seconds=0.2))
    except TemplateProblem as error:
        assert str(error)

    assert time.monotonic() - started < 2


@settings(max_examples=80)
@given(st.lists(_WORDS, max_size=12).map(lambda words: "{{ " + " ".join(words) + " }}"))
def test_any_expression_renders_or_is_a_problem(text: str) -> None:
    try:
        render(text)
    except TemplateProblem as error:
        assert str(error)
