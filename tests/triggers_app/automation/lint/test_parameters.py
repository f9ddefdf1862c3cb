"""L10, L11, L21."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import ETL, named, run_etl
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import numbers, parameters
from triggers_app.automation.lint.context import DeploymentFacts, LintContext, Rendering
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import render_parameters
from triggers_app.automation.templating.templates import Templates

PARAMETERS = ("actions", 0, "parameters")
AT = (*PARAMETERS, "limit")
NOTE = "{{ event.payload.coment }}"
MISSING = "`coment` does not exist; the nearest name is `comment`."
LIMIT = {"properties": {"limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}
RATIO = {"properties": {"limit": {"type": ["number", "null"]}}}


def running(**given: Any) -> Document:
    return {"actions": [run_etl(parameters=given)]}


def fixed(**given: Any) -> list[Document]:
    return [run_etl(parameters=given)]


def rendered(*loc: str | int, **fields: Any) -> LintContext:
    return LintContext(rendered={("actions", 0, "parameters", *loc): Rendering(**fields)})


def of(schema: Any, value: Any = None, **fields: Any) -> LintContext:
    etl = DeploymentFacts("etl", schema=schema, **fields)
    return LintContext(
        deployments={ETL: etl}, rendered={} if value is None else {AT: Rendering(value)}
    )


UNDEFINED = {
    "a slip": Case(
        parameters.undefined_value,
        facts=rendered("note", problem=MISSING),
        fields=running(note=NOTE),
        loc=(*PARAMETERS, "note"),
        says="`coment` does not exist; the nearest name is `comment`. Use",
        fixed=fixed(note="{{ event.payload.comment }}"),
    ),
    "in a list": Case(
        parameters.undefined_value,
        facts=rendered("notes", 1, problem="The expression has no value."),
        fields=running(notes=["x", NOTE]),
        loc=(*PARAMETERS, "notes", 1),
    ),
    "named twice": Case(
        parameters.undefined_value,
        facts=rendered("note", problem=MISSING),
        fields=running(note="{{ coment or coment }}"),
        loc=(*PARAMETERS, "note"),
    ),
    "nothing like it": Case(
        parameters.undefined_value,
        facts=rendered("note", problem="`coment` does not exist."),
        fields=running(note=NOTE),
        loc=(*PARAMETERS, "note"),
    ),
}
TEXT = {
    "text that spells an integer": Case(
        numbers.text_for_number,
        facts=of(LIMIT, "5000"),
        fields=running(limit="{{ event.payload.a | first }}"),
        loc=AT,
        says="is the text `5000`. Flint converts it",
        fixed=fixed(limit="{{ (event.payload.a | first) | int }}"),
    ),
    "text that spells a number": Case(
        numbers.text_for_number,
        facts=of(RATIO, "0.5"),
        fields=running(limit="{{ event.payload.a }}"),
        loc=AT,
        fixed=fixed(limit="{{ (event.payload.a) | float }}"),
    ),
    "written as text": Case(
        numbers.text_for_number,
        facts=of(LIMIT),
        fields=running(limit="12"),
        loc=AT,
        fixed=fixed(limit=12),
    ),
    "a number written as text": Case(
        numbers.text_for_number,
        facts=of(RATIO),
        fields=running(limit="-1.5"),
        loc=AT,
        fixed=fixed(limit=-1.5),
    ),
    "blanks around it, which the run does not mind": Case(
        numbers.text_for_number,
        facts=of(LIMIT),
        fields=running(limit=" 12 "),
        loc=AT,
        says="Flint converts it",
        fixed=fixed(limit=12),
    ),
    "a power of ten": Case(
        numbers.text_for_number,
        facts=of(RATIO),
        fields=running(limit="1e3"),
        loc=AT,
        says="Flint converts it",
        fixed=fixed(limit=1000.0),
    ),
    "a number that the schema does not allow": Case(
        numbers.text_for_number,
        facts=of({"properties": {"limit": {"type": "integer", "minimum": 20}}}),
        fields=running(limit="12"),
        loc=AT,
        says="the run would be refused",
    ),
    "other text": Case(
        numbers.text_for_number,
        facts=of(LIMIT, "many " * 20),
        fields=running(limit="{{ event.payload.a }}"),
        loc=AT,
        says="the run would be refused",
    ),
    "put together": Case(
        numbers.text_for_number, facts=of(LIMIT, "12"), fields=running(limit="1{{ 2 }}"), loc=AT
    ),
}
REQUIRED = {"required": ["day", "region"], "properties": {"region": {"default": "eu"}}}
UNSET = {
    "nowhere set": Case(
        parameters.unset_parameter,
        facts=of(REQUIRED),
        loc=PARAMETERS,
        says="`etl` requires `day`",
    ),
    "the event has it": Case(
        parameters.unset_parameter,
        facts=LintContext(
            deployments={ETL: DeploymentFacts("etl", schema=REQUIRED)},
            payload_fields=frozenset({"day"}),
        ),
        loc=PARAMETERS,
        fixed=[run_etl(parameters={"day": "{{ event.payload.day }}"})],
    ),
}


@pytest.mark.parametrize("case", UNDEFINED.values(), ids=UNDEFINED.keys())
def test_template_without_a_value_is_named(case: Case) -> None:
    check_fires("L10", case)


@pytest.mark.parametrize("case", TEXT.values(), ids=TEXT.keys())
def test_text_where_a_number_is_wanted_is_named(case: Case) -> None:
    check_fires("L11", case)


@pytest.mark.parametrize("case", UNSET.values(), ids=UNSET.keys())
def test_required_parameter_that_nobody_sets_is_named(case: Case) -> None:
    check_fires("L21", case)


INFERRED = {"actions": [{"type": "run-deployment", "source": "inferred"}]}
SILENT = {
    "rendered well": Case(
        parameters.undefined_value, facts=rendered("note", value="x"), fields=running(note=NOTE)
    ),
    "corrected since": Case(
        parameters.undefined_value,
        facts=rendered("note", problem=MISSING),
        fields=running(note="{{ event.payload.comment }}"),
    ),
    "taken away since": Case(
        parameters.undefined_value, facts=rendered("a", 0, "b", problem=MISSING)
    ),
    "another action": Case(
        parameters.undefined_value,
        facts=LintContext(rendered={("actions", 4, "parameters", "a"): Rendering(problem=MISSING)}),
    ),
    "a shorter list": Case(
        parameters.undefined_value,
        facts=rendered("a", 3, problem=MISSING),
        fields=running(a=["x"]),
    ),
    "a number": Case(
        numbers.text_for_number, facts=of(LIMIT, 5), fields=running(limit="{{ event.payload.a }}")
    ),
    "not rendered": Case(
        numbers.text_for_number, facts=of(LIMIT), fields=running(limit="{{ event.payload.a }}")
    ),
    "a number already": Case(numbers.text_for_number, facts=of(LIMIT), fields=running(limit=5)),
    "text wanted": Case(
        numbers.text_for_number,
        facts=of({"properties": {"limit": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}),
        fields=running(limit="5"),
    ),
    "no schema": Case(numbers.text_for_number, facts=of(None), fields=running(limit="5")),
    "nothing said of it": Case(
        numbers.text_for_number, facts=of({"properties": {"limit": {}}}), fields=running(limit="5")
    ),
    "a schema of its own kind": Case(
        numbers.text_for_number,
        facts=of({"properties": {"limit": {"anyOf": {"type": 1}}}}),
        fields=running(limit="5"),
    ),
    "a schema that says yes": Case(
        numbers.text_for_number, facts=of({"properties": {"limit": True}}), fields=running(limit="")
    ),
    "a deployment not known": Case(
        parameters.unset_parameter,
        facts=LintContext(deployments={named("x"): DeploymentFacts("x", schema=REQUIRED)}),
    ),
    "a deployment that is gone": Case(parameters.unset_parameter, facts=of(REQUIRED, exists=False)),
    "the event's deployment": Case(parameters.unset_parameter, facts=of(REQUIRED), fields=INFERRED),
    "set here": Case(parameters.unset_parameter, facts=of(REQUIRED), fields=running(day=None)),
    "set in the deployment": Case(
        parameters.unset_parameter, facts=of(REQUIRED, parameters={"day": 1})
    ),
    "nonsense required": Case(parameters.unset_parameter, facts=of({"required": [[], 1]})),
    "nothing required": Case(parameters.unset_parameter, facts=of({"required": True})),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_parameters_that_are_given_are_left_alone(case: Case) -> None:
    check_silent(case)


def test_engines_own_words_lead_to_the_nearest_name() -> None:
    payload = {"event": {"payload": {"comment": "x"}}}
    result = render_parameters(
        {"note": NOTE}, variables=payload, templates=Templates(), budget=Budget(lambda: 0.0)
    )
    [problem] = result.problems
    case = Case(
        parameters.undefined_value,
        facts=rendered(*problem.loc, problem=problem.msg),
        fields=running(note=NOTE),
        loc=(*PARAMETERS, "note"),
        fixed=fixed(note="{{ event.payload.comment }}"),
    )

    check_fires("L10", case)
