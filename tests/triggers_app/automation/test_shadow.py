"""`flint.shadow`: a document without it stays as it is; one with it leads nowhere."""

from typing import Any

import pytest

from project.lib.problems import Invalid
from tests.menagerie import ETL, automation_document, named, reactive, run_etl
from triggers_app.automation.document import AutomationDocument, document, is_shadow
from triggers_app.automation.formats.prefect_yaml import block as deployment_block
from triggers_app.automation.formats.python import write as python_writer
from triggers_app.automation.formats.terraform import write as terraform_writer
from triggers_app.automation.loops.links import Other
from triggers_app.automation.parsing import parse_automation, parse_trigger
from triggers_app.automation.plan import plan_of

SHADOW = {"flint": {"shadow": True}}
FOLLOWS_RUNS = reactive("prefect.flow-run.Completed")


def parsed(**fields: Any) -> AutomationDocument:
    return parse_automation(automation_document(**fields))


@pytest.mark.parametrize(
    "options",
    [
        {"max_actions_per_minute": 5},
        {"shadow": True},
        {"shadow": True, "max_actions_per_minute": 5},
    ],
    ids=["ceiling", "shadow", "both"],
)
def test_options_come_back_as_they_were_sent(options: dict[str, Any]) -> None:
    assert document(parsed(flint=options))["flint"] == options


def test_a_document_without_options_knows_no_such_key() -> None:
    assert "flint" not in document(parsed())


def test_what_is_not_a_truth_value_is_refused_with_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        parsed(flint={"shadow": "yes"})

    assert [problem.loc for problem in refused.value.problems] == [("flint", "shadow")]


@pytest.mark.parametrize("options", [None, {}, {"shadow": False}, {"shadow": "true"}, 3])
def test_only_true_is_a_shadow(options: Any) -> None:
    assert not is_shadow({"flint": options})
    assert is_shadow(SHADOW)


def test_nothing_follows_in_shadow_and_windows_wait_for_the_same() -> None:
    metric = {"type": "metric", "metric": {"name": "lateness", "threshold": 1, "operator": ">"}}
    body = automation_document(metric, actions_on_resolve=[run_etl()])
    trigger = parse_trigger(metric)
    on, shadow = plan_of(body, trigger), plan_of({**body, **SHADOW}, trigger)

    assert [len(on.actions_of(state)) for state in ("Triggered", "Resolved")] == [1, 1]
    assert [len(shadow.actions_of(state)) for state in ("Triggered", "Resolved")] == [0, 0]
    assert on.resolves and shadow.resolves


def test_in_shadow_it_is_no_link_of_a_loop() -> None:
    body = automation_document(FOLLOWS_RUNS)
    on, shadow = (Other.of_document(named("a"), each) for each in (body, {**body, **SHADOW}))

    assert on is not None and on.runs == (ETL,)
    assert shadow is None


@pytest.mark.parametrize("codec", [terraform_writer, python_writer, deployment_block])
def test_formats_that_do_not_know_it_say_so(codec: Any) -> None:
    losses = codec.write(automation_document(**SHADOW)).losses

    assert "Shadow mode is lost: it would act." in [str(loss) for loss in losses]
