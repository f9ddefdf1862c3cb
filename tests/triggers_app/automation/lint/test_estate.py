"""L12, L15."""

from typing import Any
from uuid import UUID

import pytest

from project.lib.json_documents import Document
from tests.menagerie import ETL, automation, compound, named, reactive, trigger
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import estate
from triggers_app.automation.lint.context import DeploymentFacts, LintContext, by_meaning
from triggers_app.automation.loops.links import Other, Others

RESOURCE = "prefect.resource.id"
RUN = "prefect.flow-run."
FIRST = ("actions", 0)
INFERRED = {"actions": [{"type": "run-deployment", "source": "inferred"}]}


def ends_of(*ids: UUID, **fields: Any) -> Document:
    resources: Any = [f"prefect.deployment.{one}" for one in ids]
    related = {"prefect.resource.role": "deployment", RESOURCE: resources}
    return reactive(RUN + "Completed", **({"match_related": related} if ids else {}), **fields)


def other(name: str, when: Document, *runs: UUID) -> LintContext:
    saved = Other.of(named(name), name, trigger(when), runs)
    return LintContext(others=Others([saved]), deployments={ETL: DeploymentFacts("etl")})


BUT_ITSELF = {"prefect.resource.role": "deployment", RESOURCE: f"!prefect.deployment.{ETL}"}

LOOPS = {
    "its own runs": Case(
        estate.loops, ends_of(ETL), loc=FIRST, says="This starts itself: `orders to etl`"
    ),
    "any run": Case(
        estate.loops,
        ends_of(),
        loc=FIRST,
        fixed=reactive(RUN + "Completed", match_related=[BUT_ITSELF]),
    ),
    "perhaps its own runs": Case(
        estate.loops,
        reactive(RUN + "Failed", match_related={"a": "b"}),
        loc=FIRST,
        says="This may start itself",
        fixed=reactive(RUN + "Failed", match_related=[{"a": "b"}, BUT_ITSELF]),
    ),
    "over another automation": Case(
        estate.loops,
        ends_of(named("d2")),
        facts=other("b", ends_of(ETL), named("d2")),
        loc=FIRST,
        says="runs `etl`, whose prefect.flow-run.Completed fires `b`, which runs deployment",
    ),
    "one of several parts": Case(
        estate.loops, compound(ends_of(), reactive("x"), require="any"), loc=FIRST
    ),
    "the event's deployment": Case(
        estate.loops, ends_of(), loc=FIRST, says="the event's deployment", fields=INFERRED
    ),
    "what the guard refuses": Case(
        estate.loops,
        reactive(RUN + "Running", match_related={RESOURCE: RUN + "*"}, match={RESOURCE: "x"}),
        loc=FIRST,
        says="infinite loop",
        fields=INFERRED,
    ),
}


@pytest.mark.parametrize("case", LOOPS.values(), ids=LOOPS.keys())
def test_loop_is_named_with_its_path(case: Case) -> None:
    check_fires("L12", case)


@pytest.mark.parametrize(
    ("when", "severity"), [(ends_of(ETL), "error"), (ends_of(ETL, threshold=2), "warning")]
)
def test_only_a_certain_loop_is_an_error(when: Document, severity: str) -> None:
    [finding] = Case(estate.loops, when).findings()

    assert finding.severity == severity
    assert finding.asks_confirmation is (severity == "error")


def test_a_loop_that_the_api_refuses_cannot_be_confirmed() -> None:
    [finding] = Case(estate.loops, reactive(RUN + "Running"), fields=INFERRED).findings()

    assert finding.stops_enabling and not finding.asks_confirmation
    assert finding.message.startswith(
        "Running an inferred deployment from a flow run state change event will lead to an "
        "infinite loop of flow runs."
    )


OWN = {
    "its firings": reactive("prefect.automation.*"),
    "its actions": reactive("prefect.automation.action.triggered", match={RESOURCE: "prefect.*"}),
}


@pytest.mark.parametrize("when", OWN.values(), ids=OWN.keys())
def test_automation_that_follows_its_own_firings_is_named(when: Document) -> None:
    check_fires("L12", Case(estate.own_firings, when, loc=("trigger", "expect")))


TWINS = by_meaning(
    [
        *((named(name), name, trigger(reactive("a", "b"))) for name in "pqrst"),
        (named("u"), "u", trigger(reactive("c"))),
    ]
)


def test_same_trigger_elsewhere_is_named() -> None:
    facts = LintContext(same_triggers=TWINS, automation_id=named("p"))
    says = "`q`, `r`, `s` and 1 more fire on exactly the same."

    check_fires(
        "L15",
        Case(estate.same_trigger, reactive("b", "a"), facts, ("trigger",), says),
    )


SILENT = {
    "another deployment": Case(estate.loops, ends_of(named("d2"))),
    "another automation leads elsewhere": Case(
        estate.loops, ends_of(named("d2")), facts=other("b", ends_of(ETL), named("d3"))
    ),
    "what it was before": Case(
        estate.loops,
        ends_of(named("d2")),
        facts=LintContext(
            others=other("b", ends_of(ETL), named("d2")).others, automation_id=named("b")
        ),
    ),
    "other automations": Case(
        estate.own_firings, reactive("prefect.automation.*", match={RESOURCE: ["prefect.x"]})
    ),
    "every event": Case(estate.own_firings, reactive()),
    "other events": Case(estate.own_firings, reactive("prefect.automation.created")),
    "now and then": Case(estate.own_firings, reactive("prefect.automation.*", within=60)),
    "several triggers": Case(estate.own_firings, compound(reactive("prefect.automation.*"))),
    "others' triggers not known": Case(estate.same_trigger, reactive("c")),
    "itself": Case(
        estate.same_trigger,
        reactive("c"),
        facts=LintContext(same_triggers=TWINS, automation_id=named("u")),
    ),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_automation_that_disturbs_no_other_is_left_alone(case: Case) -> None:
    check_silent(case)


def test_switched_off_automation_is_judged_as_if_it_were_on() -> None:
    off = automation(reactive(RUN + "Running"), enabled=False, **INFERRED)

    assert [finding.code for finding in estate.loops(off, LintContext())] == ["L12"]
