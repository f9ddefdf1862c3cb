"""Automation documents: parsing, ids of triggers, what may be enabled."""

import json
from typing import Any
from uuid import UUID

import pytest

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from tests.menagerie import (
    ETL,
    automation,
    automation_document,
    compound,
    reactive,
    run_etl,
    sequence,
)
from triggers_app.automation.actions import ACTION_KINDS
from triggers_app.automation.document import AutomationDocument, document, with_ids
from triggers_app.automation.parsing import (
    PartialUpdate,
    enabling_problem,
    parse_automation,
    parse_partial_update,
)

BLOCK = {"block_document_id": "22222222-2222-4222-8222-222222222222"}
ENOUGH: dict[str, Document] = {
    "change-flow-run-state": {"state": "FAILED"},
    "send-notification": {**BLOCK, "body": "b"},
    "call-webhook": BLOCK,
}


def problems(written: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse_automation(written)
    return {problem.path: problem.msg for problem in refused.value.problems}


def enough_for(kind: str) -> Document:
    selecting = kind.endswith(("-deployment", "-queue", "-pool", "-automation"))
    return {"type": kind, **ENOUGH.get(kind, {}), **({"source": "inferred"} if selecting else {})}


def test_document_is_echoed_in_prefects_order_with_defaults() -> None:
    echoed = document(parse_automation({"name": "", "trigger": reactive(), "actions": []}))

    assert " ".join(echoed) == (
        "name description enabled tags trigger actions actions_on_trigger actions_on_resolve"
    )
    assert (echoed["enabled"], echoed["description"], echoed["tags"]) == (True, "", [])


def test_stored_document_is_read_back_the_same() -> None:
    saved = automation(compound(reactive("a"), reactive("b", bogus=1)), tags=["t"])

    assert parse_automation(document(saved)) == saved


def test_owner_is_accepted_and_kept_beside_the_document() -> None:
    read = parse_automation(automation_document(owner_resource="prefect.deployment.1"))

    assert read.owner_resource == "prefect.deployment.1"
    assert "owner_resource" not in document(read)


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_every_action_of_prefect_is_read(kind: str) -> None:
    read = parse_automation(automation_document(actions=[enough_for(kind)]))

    [action] = document(read)["actions"]
    assert action["type"] == kind
    assert read.related_resources == []


def test_run_deployment_is_echoed_as_prefect_does() -> None:
    [action] = document(automation())["actions"]

    assert action == {
        "type": "run-deployment",
        "source": "selected",
        "deployment_id": str(ETL),
        "parameters": None,
        "job_variables": None,
        "schedule_after": 0.0,
    }


def test_webhook_payload_that_is_an_object_becomes_text() -> None:
    action = {"type": "call-webhook", **BLOCK, "payload": {"a": 1}}

    [echoed] = document(parse_automation(automation_document(actions=[action])))["actions"]

    assert json.loads(echoed["payload"]) == {"a": 1}


@pytest.mark.parametrize(
    ("fields", "path", "said"),
    [
        ({"bogus": 1}, "bogus", "not a key of an automation"),
        ({"actions": [{"type": "declare-incident"}]}, "actions[0]", "must be one of do-nothing"),
        ({"actions": [7]}, "actions[0]", "must be one of do-nothing"),
        ({"actions": [{"type": "run-deployment"}]}, "actions[0]", "`deployment_id` is required"),
        (
            {"actions": [run_etl(source="inferred")]},
            "actions[0]",
            "`deployment_id` is not allowed",
        ),
        ({"actions": [run_etl(schedule_after=-5)]}, "actions[0].schedule_after", "not be negative"),
        (
            {"actions_on_trigger": [{"type": "change-flow-run-state", "state": "DONE"}]},
            "actions_on_trigger[0].state",
            "'SCHEDULED'",
        ),
        ({"actions": [run_etl(parameters={"a": ["\x00"]})]}, "actions[0].parameters.a[0]", "NUL"),
        ({"trigger": {"expect": []}}, "trigger.posture", "required"),
    ],
)
def test_refuses_with_place_and_sentence(fields: Document, path: str, said: str) -> None:
    found = problems(automation_document(**fields))

    assert list(found) == [path]
    assert said in found[path]


def test_all_problems_are_told_at_once() -> None:
    assert list(problems({"trigger": {"type": "compound"}, "bogus": 1})) == [
        "name",
        "trigger.triggers",
        "trigger.within",
        "trigger.require",
        "actions",
        "bogus",
    ]


@pytest.mark.parametrize("written", [[], "x", None, 7])
def test_what_is_no_object_is_refused(written: object) -> None:
    assert list(problems(written)) == [""]


def ids(saved: AutomationDocument) -> list[UUID]:
    return [node.node_id for node in saved.trigger.walk()]


def test_every_node_gets_an_id_whatever_the_sender_wrote() -> None:
    foreign = "33333333-3333-4333-8333-333333333333"

    saved = automation(compound(reactive("a", id=foreign), reactive("a", id=foreign)))

    assert len(set(ids(saved)) | {UUID(foreign)}) == 4


def test_node_that_means_the_same_keeps_its_id() -> None:
    before = automation(compound(reactive("a", "b"), reactive("c"), reactive("c")))

    after = with_ids(
        parse_automation(
            automation_document(compound(reactive("c"), reactive("b", "a", bogus=1), reactive("d")))
        ),
        before,
    )

    assert ids(after)[1:3] == [ids(before)[2], ids(before)[1]]
    assert not {ids(after)[0], ids(after)[3]} & set(ids(before))


def test_predecessor_that_was_never_saved_has_no_ids_to_give() -> None:
    unsaved = parse_automation(automation_document())

    assert ids(with_ids(unsaved, unsaved)) != ids(with_ids(unsaved, unsaved))


def test_unchanged_tree_keeps_all_its_ids() -> None:
    written = compound(reactive("a"), sequence(reactive("b"), reactive("b")))
    before = automation(written)

    after = with_ids(parse_automation(automation_document(written, name="other")), before)

    assert ids(after) == ids(before)


def test_related_resources_are_what_the_actions_select() -> None:
    pool = "44444444-4444-4444-8444-444444444444"
    actions = [run_etl(), run_etl(), {"type": "pause-work-pool", "work_pool_id": pool}]

    saved = automation(actions=actions, actions_on_trigger=[{"type": "do-nothing"}])

    assert saved.related_resources == [f"prefect.deployment.{ETL}", f"prefect.work-pool.{pool}"]
    assert len(saved.all_actions) == 4


@pytest.mark.parametrize("trigger", [reactive(), compound(sequence(reactive()))])
def test_triggers_of_every_kind_can_be_enabled(trigger: Document) -> None:
    assert enabling_problem(automation(trigger)) is None


@pytest.mark.parametrize(("name", "possible"), [("lateness", True), ("queue", False)])
def test_metric_that_nobody_computes_cannot_be_enabled(name: str, possible: bool) -> None:
    problem = enabling_problem(
        automation({"metric": {"name": name, "threshold": 1, "operator": ">"}})
    )

    assert (problem is None) is possible


def test_partial_update_knows_enabled_alone() -> None:
    assert parse_partial_update({"enabled": False}) == PartialUpdate(enabled=False)
    assert parse_partial_update({}) == PartialUpdate(enabled=True)


@pytest.mark.parametrize("written", [{"name": "x"}, [], {"enabled": "maybe"}])
def test_partial_update_of_anything_else_is_refused(written: Any) -> None:
    with pytest.raises(Invalid):
        parse_partial_update(written)
