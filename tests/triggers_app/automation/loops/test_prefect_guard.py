"""Prefect's guard against automations that start themselves."""

import pytest

from project.lib.json_documents import Document
from tests.menagerie import automation, compound, proactive, reactive, run_etl
from triggers_app.automation.loops.prefect_guard import loop_problems

RUNNING = "prefect.flow-run.Running"
INFERRED = {"type": "run-deployment", "source": "inferred"}
EVERY_RUN = {"prefect.resource.id": "prefect.flow-run.*"}
ONE_FLOW = {"prefect.resource.name": "other"}


@pytest.mark.parametrize(
    ("trigger", "action", "refused"),
    [
        (reactive(RUNNING), INFERRED, True),
        (reactive("prefect.flow-run.*"), INFERRED, True),
        (reactive(RUNNING, match=ONE_FLOW), INFERRED, True),
        (reactive("prefect.flow-run.Completed"), INFERRED, False),
        (reactive(), INFERRED, False),
        (proactive(RUNNING), INFERRED, False),
        (compound(reactive(RUNNING)), INFERRED, False),
        (reactive(RUNNING), {"type": "do-nothing"}, False),
        (reactive(RUNNING), run_etl(), True),
        (reactive(RUNNING, match=EVERY_RUN), run_etl(), True),
        (reactive(RUNNING, match={"prefect.resource.id": ["prefect.flow-run.*"]}), run_etl(), True),
        (reactive(RUNNING, match={"prefect.resource.id": "x"}), run_etl(), False),
        (reactive(RUNNING, match=EVERY_RUN | ONE_FLOW), run_etl(), False),
        (reactive(RUNNING, match_related=ONE_FLOW), run_etl(), False),
        (reactive(RUNNING, match_related=[]), run_etl(), True),
        (reactive(RUNNING, match_related=[ONE_FLOW, {}]), run_etl(), True),
    ],
)
def test_refuses_what_prefect_refuses(trigger: Document, action: Document, refused: bool) -> None:
    problems = loop_problems(automation(trigger, actions=[{"type": "do-nothing"}, action]))

    assert [problem.path for problem in problems] == (["actions[1]"] if refused else [])


@pytest.mark.parametrize(
    ("action", "begins"),
    [(INFERRED, "Running an inferred deployment"), (run_etl(), "Running a selected deployment")],
)
def test_the_message_begins_with_prefects_words(action: Document, begins: str) -> None:
    [problem] = loop_problems(automation(reactive(RUNNING), actions=[action]))

    certainty = "will" if action is INFERRED else "may"
    assert problem.msg.startswith(
        f"{begins} from a flow run state change event {certainty} lead to an infinite loop of "
        "flow runs."
    )


def test_disabled_automation_may_say_anything() -> None:
    assert loop_problems(automation(reactive(RUNNING), actions=[INFERRED], enabled=False)) == []


def test_actions_on_trigger_are_not_looked_at() -> None:
    looping = automation(reactive(RUNNING), actions=[], actions_on_trigger=[INFERRED])

    assert loop_problems(looping) == []
