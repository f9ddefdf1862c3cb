"""Row 16 of docs/semantics.md: deleted with its owner, and saved again by it."""

from datetime import timedelta
from typing import Any

import pytest

from runs_app.services import deployments
from tests.triggers_app.delivery.examples import NOW, a_deployment, fired
from tests.triggers_app.services.test_dispatching import dispatch, outbox_events
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import ActionRun, Automation, AutomationVersion
from triggers_app.reads import automation_documents
from triggers_app.reads.automation_documents import AutomationQuery
from triggers_app.services import authoring, redeploying, save_warnings

pytestmark = pytest.mark.django_db(transaction=True)
OWNER = "team.1"
LATER = NOW + timedelta(seconds=10)


def create(owner: str = OWNER, **changes: Any) -> Automation:
    body = {
        "name": "a",
        "trigger": {"posture": "Reactive", "expect": ["x"], "threshold": 3, "within": 60},
        "actions": [{"type": "do-nothing"}],
        "owner_resource": owner,
    }
    return authoring.create(parse_automation({**body, **changes}), author="me", now=LATER)


def parked(row: Automation, **changes: Any) -> ActionRun:
    """An action that came up after the automation was deleted."""
    row.refresh_from_db()
    trigger_id = row.document["trigger"]["id"]
    [run] = fired({"type": "do-nothing"}, automation=row, trigger_id=trigger_id, **changes)
    dispatch()
    run.refresh_from_db()
    return run


def state_of(run: ActionRun) -> str:
    run.refresh_from_db()
    return run.state


def test_deleted_automations_are_gone_for_the_api_and_go_on_evaluating() -> None:
    row = create()
    assert authoring.delete_owned_by(OWNER, now=NOW) == 1
    run = parked(row)

    assert automation_documents.count(AutomationQuery()) == 0
    assert not AutomationVersion.objects.filter(deleted=True).exists()
    assert (run.state, run.held_for) == ("held", "grace")


def test_a_second_delete_changes_nothing() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)
    row.refresh_from_db()
    before = (row.deleted, row.grace, row.change, row.version)

    assert authoring.delete_owned_by(OWNER, now=LATER) == 0
    row.refresh_from_db()
    assert (row.deleted, row.grace, row.change, row.version) == before


def test_an_equal_trigger_takes_over_id_windows_and_what_was_parked() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)
    run = parked(row)
    again = create(name="renamed")

    assert (again.pk, again.name, again.deleted, again.grace) == (row.pk, "renamed", None, None)
    assert again.document["trigger"] == row.document["trigger"]  # with its id, so its windows
    assert state_of(run) == "pending"
    dispatch()
    assert state_of(run) == "done"


def test_else_the_same_name_takes_over_and_discards_what_the_former_trigger_did() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)
    run = parked(row)
    again = create(trigger={"posture": "Reactive", "expect": ["y"]})

    assert again.pk == row.pk
    assert again.document["trigger"]["id"] != row.document["trigger"]["id"]
    assert state_of(run) == "discarded"


def test_each_is_taken_over_once_an_equal_trigger_before_a_name() -> None:
    first = create(name="a")
    second = create(name="b", trigger={"posture": "Reactive", "expect": ["y"]})
    authoring.delete_owned_by(OWNER, now=NOW)
    swapped = create(name="b")
    rest = create(name="a", trigger={"posture": "Reactive", "expect": ["y"]})
    new = create(name="a")

    assert (swapped.pk, rest.pk) == (first.pk, second.pk)
    assert new.pk not in (first.pk, second.pk)


def test_another_owner_takes_nothing_over() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)

    assert create(owner="team.2").pk != row.pk


def test_after_thirty_seconds_it_is_deleted_and_what_was_parked_discarded() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)
    run = parked(row)
    assert redeploying.end_graces(now=NOW + timedelta(seconds=29)) == 0
    assert redeploying.end_graces(now=NOW + timedelta(seconds=30)) == 1

    assert state_of(run) == "discarded"
    assert AutomationVersion.objects.filter(automation=row, deleted=True).count() == 1
    assert parked(row).state == "discarded"  # what the evaluator finds until it has noticed
    assert create().pk != row.pk


def test_with_its_deployment_it_goes_for_good() -> None:
    deployment = a_deployment()
    owner = f"prefect.deployment.{deployment.pk}"
    create(owner=owner)
    authoring.delete_owned_by(owner, now=NOW)
    assert redeploying.end_graces(now=NOW) == 0

    deployments.delete(deployment.pk, now=NOW)

    assert redeploying.end_graces(now=NOW) == 1


def test_deleting_by_id_ends_it_though_nobody_sees_it() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)
    run = parked(row)

    with pytest.raises(Automation.DoesNotExist):
        authoring.delete(row.pk, author="me", now=NOW)

    row.refresh_from_db()
    assert (row.grace, state_of(run)) == ("over", "discarded")


def test_what_came_up_before_the_deletion_is_carried_out() -> None:
    row = create()
    authoring.delete_owned_by(OWNER, now=NOW)

    assert parked(row, created=NOW - timedelta(seconds=1)).state == "done"


def test_what_a_slow_dispatcher_holds_after_the_takeover_is_found() -> None:
    row = create()
    run = parked(row)
    ActionRun.objects.filter(pk=run.pk).update(state="held", held_for="grace")

    redeploying.end_graces(now=LATER)

    assert state_of(run) == "pending"


def test_row_17_an_equal_node_keeps_its_id_when_the_rest_changes() -> None:
    kept = {"posture": "Reactive", "expect": ["x"], "threshold": 2, "within": 9}
    other = {"posture": "Reactive", "expect": ["y"]}
    tree = {"type": "compound", "require": "all", "within": None, "triggers": [kept, other]}
    row = create(trigger=tree)
    changed = tree | {"triggers": [kept, other | {"expect": ["z"]}]}
    body = {"name": "a", "trigger": changed, "actions": []}
    again = authoring.replace(row.pk, parse_automation(body), author="me", now=NOW)

    before = [node["id"] for node in row.document["trigger"]["triggers"]]
    after = [node["id"] for node in again.document["trigger"]["triggers"]]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_every_change_tells_of_itself_with_the_whole_document() -> None:
    row = create(owner="x.1")
    authoring.enable(row.pk, False, author="me", now=NOW)
    authoring.delete(row.pk, author="me", now=NOW)

    events = outbox_events()
    names = [event.event.removeprefix("prefect.automation.") for event in events]
    assert names == ["created", "updated", "deleted"]
    assert events[0].payload_object()["id"] == str(row.pk)
    assert [event.payload_object()["enabled"] for event in events] == [True, False, False]


DEPLOYMENT = "prefect.deployment.0f9b4c1e-2c1f-4a52-8f0b-3a0c9a1d7e55"


def switched(row: Automation, on: bool) -> Automation:
    return authoring.enable(row.pk, on, author="somebody", now=NOW)


def by_action(row: Automation, on: bool) -> None:
    kind = "resume-automation" if on else "pause-automation"
    action = {"type": kind, "source": "selected", "automation_id": str(row.pk)}
    fired(action)
    dispatch()
    row.refresh_from_db()
    assert row.enabled is on


def posted_again(owner: str = DEPLOYMENT, **changes: Any) -> Automation:
    authoring.delete_owned_by(owner, now=NOW)
    return create(owner=owner, **changes)


def test_row_22_what_a_person_switched_off_stays_off() -> None:
    row = switched(create(owner=DEPLOYMENT), False)

    first, second = posted_again(), posted_again()

    assert [first.pk, second.pk] == [row.pk, row.pk]
    assert [first.enabled, second.enabled] == [False, False]
    asked = parse_automation({**first.document, "enabled": True})
    assert save_warnings.of(asked, first) == [
        "It stays off, because a person has switched it off since it was deployed."
    ]


def test_row_22_a_put_is_a_persons_choice_too_and_says_what_it_says() -> None:
    row = create(owner=DEPLOYMENT, enabled=False)
    body = parse_automation({**row.document, "enabled": True})
    authoring.replace(row.pk, body, author="terraform", now=NOW)

    again = posted_again(enabled=False)

    assert again.enabled
    assert save_warnings.of(parse_automation({**row.document, "enabled": False}), again)


def test_row_22_the_owner_may_change_its_mind() -> None:
    switched(create(owner=DEPLOYMENT), False)

    off = posted_again(enabled=False)
    on = posted_again(enabled=True)

    assert [off.enabled, on.enabled] == [False, True]


def test_row_22_what_an_action_paused_is_switched_on() -> None:
    row = create(owner=DEPLOYMENT)
    by_action(row, False)

    assert posted_again().enabled


def test_row_22_what_an_action_resumed_is_no_longer_a_persons_choice() -> None:
    row = switched(create(owner=DEPLOYMENT), False)
    by_action(row, True)

    assert posted_again().enabled


def test_row_22_what_is_not_known_is_what_is_posted() -> None:
    row = create(owner=DEPLOYMENT)
    Automation.objects.filter(pk=row.pk).update(posted_enabled=None)
    switched(row, False)

    assert not posted_again().enabled


def test_row_22_is_about_deployments_only() -> None:
    switched(create(), False)

    assert posted_again(OWNER).enabled
