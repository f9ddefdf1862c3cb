"""What holds actions back, and how it is released."""

from datetime import timedelta
from typing import Any

import pytest

from runs_app.models import FlowRun
from tests.triggers_app.delivery.examples import NOW, a_deployment, an_automation, fired, run_of
from tests.triggers_app.services.test_dispatching import dispatch, outbox_events
from triggers_app.models import ActionRun, Automation
from triggers_app.reads import held_actions
from triggers_app.reads.held_actions import HeldActions
from triggers_app.services import pausing, retrying

pytestmark = pytest.mark.django_db
NOTHING: dict[str, Any] = {"type": "do-nothing"}


def limited(per_minute: int) -> Automation:
    automation = an_automation()
    automation.document["flint"] = {"max_actions_per_minute": per_minute}
    automation.save()
    return automation


def states() -> list[str]:
    return list(ActionRun.objects.order_by("id").values_list("state", flat=True))


def test_what_is_over_the_ceiling_of_an_automation_is_held() -> None:
    fired(*[NOTHING] * 5, automation=limited(3))
    fired(NOTHING)

    assert dispatch().held == 2
    assert states() == ["done"] * 3 + ["held"] * 2 + ["done"]
    held = ActionRun.objects.filter(state="held")[0]
    assert held.reason == "`on order` may carry out 3 actions a minute."
    assert held_actions.state()["held"] == {"ceiling": 2, "stopped": 0, "grace": 0, "restore": 0}


def test_the_ceiling_counts_the_minute_before() -> None:
    automation = limited(1)
    fired(NOTHING, automation=automation)
    dispatch()
    fired(NOTHING, automation=automation)
    dispatch()
    assert states() == ["done", "held"]

    pausing.delete_old_counts(now=NOW + timedelta(minutes=3))
    fired(NOTHING, automation=automation)
    dispatch()
    assert states() == ["done", "held", "done"]


def test_what_a_person_releases_is_done_whatever_the_ceiling() -> None:
    automation = limited(0)
    fired(NOTHING, NOTHING, automation=automation)
    dispatch()
    [first, _] = held_actions.held(HeldActions(automation_id=automation.pk), limit=10, offset=0)

    assert pausing.release(HeldActions(ids=[first["id"]]), author="me", now=NOW) == 1
    dispatch()

    assert states() == ["done", "held"]


def test_stopped_acting_parks_everything_until_a_person_decides() -> None:
    assert pausing.stop_acting(author="me", reason="storm", now=NOW)
    assert not pausing.stop_acting(author="you", now=NOW)
    fired(run_of(a_deployment()), NOTHING)
    dispatch()
    assert states() == ["held", "held"]
    assert not FlowRun.objects.exists()
    assert outbox_events() == []
    told = held_actions.state()
    assert (told["acting"], told["author"], told["reason"]) == (False, "me", "storm")

    assert pausing.resume_acting(author="me", now=NOW)
    dispatch()
    assert states() == ["held", "held"]
    ids = list(ActionRun.objects.order_by("id").values_list("id", flat=True))
    assert pausing.release(HeldActions(ids=ids[:1]), author="me", now=NOW) == 1
    assert pausing.discard(HeldActions(held_for="stopped"), author="me", now=NOW) == 1
    dispatch()

    assert states() == ["done", "discarded"]
    assert FlowRun.objects.count() == 1


def test_what_is_to_be_sent_is_held_when_acting_stops() -> None:
    from tests.triggers_app.services.test_sending import send

    fired({"type": "call-webhook", "url": "http://127.0.0.1:1/"})
    dispatch()
    pausing.stop_acting(author="me", now=NOW)

    assert send() == 0
    assert states() == ["held"]
    pausing.release(HeldActions(), author="me", now=NOW)
    assert states() == ["sending"]


def test_a_failed_action_that_is_tried_again_makes_its_run_once() -> None:
    deployment = a_deployment()
    action = run_of(deployment, parameters={"p": "{{ event.payload.nope }}"})
    [run] = fired(action)
    dispatch()
    run.refresh_from_db()
    assert run.state == "rejected"

    for _ in range(2):  # the second time as after a crash that lost the settlement
        ActionRun.objects.filter(pk=run.pk).update(
            state="rejected", action=action | {"parameters": {}}
        )
        retrying.retry(run.pk, author="me", now=NOW)
        dispatch()

    run.refresh_from_db()
    assert (run.state, run.retries, FlowRun.objects.count()) == ("done", 2, 1)


def test_only_what_failed_is_tried_again() -> None:
    [run] = fired(NOTHING)

    with pytest.raises(retrying.NotFailed, match="pending"):
        retrying.retry(run.pk, author="me", now=NOW)
