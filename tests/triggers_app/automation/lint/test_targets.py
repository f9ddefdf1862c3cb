"""L13, L14."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.menagerie import ETL, named, reactive, run_etl
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import targets
from triggers_app.automation.lint.context import DeploymentFacts, LintContext

RESOURCE = "prefect.resource.id"
TARGET = ("actions", 0, "deployment_id")
SCHEMA: Document = {"properties": {"day": {}, "region": {}}}
PAUSE = {"type": "pause-work-queue", "work_queue_id": str(named("q"))}
RESUME = {"type": "resume-deployment", "deployment_id": str(ETL)}


def etl(**fields: Any) -> LintContext:
    return LintContext(deployments={ETL: DeploymentFacts("etl", **fields)})


def doing(*actions: Document) -> Document:
    return {"actions": list(actions)}


def pinned(*ids: str, **fields: Any) -> Document:
    return reactive("e", match={RESOURCE: list(ids)}, **fields)


RUN, OTHER = "prefect.flow-run.1", "prefect.task-run.2"
OWNER = f"prefect.deployment.{ETL}"
SAME = {"prefect.resource.role": "deployment", RESOURCE: OWNER}
PINNED = ("trigger", "match", RESOURCE)

CHANGED = {
    "deleted": Case(
        targets.changed_target, facts=etl(exists=False), loc=TARGET, says="The deployment that"
    ),
    "deleted, of another kind": Case(
        targets.changed_target,
        facts=LintContext(gone=frozenset({f"prefect.work-queue.{named('q')}"})),
        fields=doing(PAUSE),
        loc=("actions", 0, "work_queue_id"),
        says="The work queue that",
    ),
    "paused": Case(targets.changed_target, facts=etl(paused=True), loc=TARGET, says="is paused"),
    "a parameter renamed": Case(
        targets.changed_target,
        facts=etl(schema=SCHEMA),
        fields=doing(run_etl(parameters={"regoin": "eu", "day": 1})),
        loc=("actions", 0, "parameters", "regoin"),
        says="did you mean `region`?",
        fixed=[run_etl(parameters={"day": 1, "region": "eu"})],
    ),
    "a parameter gone": Case(
        targets.changed_target,
        facts=etl(schema=SCHEMA),
        fields=doing(run_etl(parameters={"x": 1})),
        loc=("actions", 0, "parameters", "x"),
        says="Leave it out.",
        fixed=[run_etl(parameters={})],
    ),
}
ENDED = {
    "a run": Case(
        targets.finished_resource,
        reactive("e", match={RESOURCE: RUN}),
        facts=LintContext(finished={RUN: None}),
        loc=PINNED,
        says="never fires again",
        fixed=reactive("e", match={RESOURCE: "prefect.flow-run.*"}),
    ),
    "a run of a deployment": Case(
        targets.finished_resource,
        pinned(RUN, match_related={"a": "b"}),
        facts=LintContext(finished={RUN: OWNER}),
        loc=PINNED,
        fixed=reactive(
            "e", match={RESOURCE: "prefect.flow-run.*"}, match_related=[{"a": "b"}, SAME]
        ),
    ),
    "several kinds": Case(
        targets.finished_resource,
        pinned(RUN, OTHER),
        facts=LintContext(finished={RUN: OWNER, OTHER: None}),
        loc=PINNED,
        fixed=pinned("prefect.flow-run.*", "prefect.task-run.*"),
    ),
    "a resource of no kind": Case(
        targets.finished_resource,
        pinned("job"),
        facts=LintContext(finished={"job": None}),
        loc=PINNED,
    ),
}


@pytest.mark.parametrize("case", CHANGED.values(), ids=CHANGED.keys())
def test_target_that_has_changed_is_named(case: Case) -> None:
    check_fires("L13", case)


@pytest.mark.parametrize("case", ENDED.values(), ids=ENDED.keys())
def test_resource_that_has_ended_is_named(case: Case) -> None:
    check_fires("L14", case)


SILENT = {
    "not known": Case(targets.changed_target),
    "as it was": Case(targets.changed_target, facts=etl(schema=SCHEMA)),
    "the event's": Case(
        targets.changed_target,
        facts=etl(exists=False),
        fields=doing({"type": "run-deployment", "source": "inferred"}),
    ),
    "resumed first": Case(
        targets.changed_target, facts=etl(paused=True), fields=doing(RESUME, run_etl())
    ),
    "only resumed": Case(targets.changed_target, facts=etl(paused=True), fields=doing(RESUME)),
    "nothing to do with it": Case(
        targets.changed_target, fields=doing(PAUSE, {"type": "do-nothing"})
    ),
    "takes any parameter": Case(
        targets.changed_target,
        facts=etl(schema={**SCHEMA, "additionalProperties": True}),
        fields=doing(run_etl(parameters={"x": 1})),
    ),
    "no schema": Case(
        targets.changed_target, facts=etl(), fields=doing(run_etl(parameters={"x": 1}))
    ),
    "still running": Case(targets.finished_resource, pinned(RUN)),
    "one of two goes on": Case(
        targets.finished_resource, pinned(RUN, OTHER), facts=LintContext(finished={RUN: None})
    ),
    "all runs": Case(
        targets.finished_resource,
        pinned("prefect.flow-run.*"),
        facts=LintContext(finished={"prefect.flow-run.*": None}),
    ),
    "no id asked for": Case(targets.finished_resource, facts=LintContext(finished={RUN: None})),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_targets_that_are_there_are_left_alone(case: Case) -> None:
    check_silent(case)
