"""After a restore, no action of the dump is carried out by itself."""

from typing import Any

import pytest

from tests.triggers_app.delivery.examples import NOW, fired
from tests.triggers_app.services.test_dispatching import dispatch
from triggers_app.models import ActionRun
from triggers_app.reads import held_actions
from triggers_app.services import pausing, restoring

pytestmark = pytest.mark.django_db
NOTHING: dict[str, Any] = {"type": "do-nothing"}


@pytest.mark.parametrize(
    ("state", "held_for"), [("pending", None), ("sending", None), ("held", "grace")]
)
def test_what_was_not_settled_is_held_for_a_person(state: str, held_for: str | None) -> None:
    fired(NOTHING)
    ActionRun.objects.update(state=state, held_for=held_for, not_before=NOW, lease_until=NOW)

    assert restoring.hold_pending_actions() == 1
    assert dispatch().settled == 0

    run = ActionRun.objects.get()
    assert (run.state, run.held_for, run.not_before, run.lease_until) == (
        "held", "restore", None, None,
    )  # fmt: skip
    assert "may have been carried out since" in (run.reason or "")


@pytest.mark.parametrize(
    ("state", "held_for"),
    [("done", None), ("rejected", None), ("held", "stopped"), ("held", "ceiling")],
)
def test_what_was_settled_or_held_already_stays(state: str, held_for: str | None) -> None:
    fired(NOTHING)
    ActionRun.objects.update(state=state, held_for=held_for)

    assert restoring.hold_pending_actions() == 0

    run = ActionRun.objects.get()
    assert (run.state, run.held_for) == (state, held_for)


def test_a_person_releases_it() -> None:
    fired(NOTHING)
    restoring.hold_pending_actions()

    pausing.release(held_actions.HeldActions(held_for="restore"), author="ada", now=NOW)

    assert dispatch().settled == 1
