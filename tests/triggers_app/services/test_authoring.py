"""Every change is a version; versions stand in the order in which they apply."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from events_app.domain.position import START
from events_app.stream import log
from project.lib import redis_client
from project.lib.problems import Invalid
from runs_app.models import WorkPool
from tests.triggers_app.delivery.examples import a_deployment
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.parsing import parse_automation
from triggers_app.models import Automation, AutomationVersion
from triggers_app.services import authoring
from triggers_app.services.soundness import require_sound

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def automation(**changes: Any) -> AutomationDocument:
    body = {"name": "a", "trigger": {"posture": "Reactive"}, "actions": [{"type": "do-nothing"}]}
    return parse_automation({**body, **changes})


def entries() -> int:
    return int(redis_client.client().xlen(log.LOG))


def test_a_version_applies_from_a_point_of_the_log_before_its_commit() -> None:
    before = log.append_wakeup(redis_client.client())
    row = authoring.create(automation(), author="me", now=NOW)
    after = log.append_wakeup(redis_client.client())

    [version] = AutomationVersion.objects.all()
    applies = (version.effective_after_ms, version.effective_after_seq)
    assert START < before < applies < after
    assert (version.version, version.author, version.document) == (1, "me", row.document)


def test_a_change_wakes_the_evaluator_after_its_commit() -> None:
    count = entries()

    authoring.create(automation(), author="me", now=NOW)

    assert entries() == count + 2


def test_changes_are_numbered_in_the_order_of_their_commits() -> None:
    def create(index: int) -> None:
        authoring.create(automation(name=str(index)), author="me", now=NOW)
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(create, range(20)))

    changes = list(Automation.objects.order_by("change").values_list("change", flat=True))
    assert len(set(changes)) == 20


def test_effective_after_never_goes_back() -> None:
    row = authoring.create(automation(), author="me", now=NOW)
    Automation.objects.update(effective_after_ms=2**60)

    authoring.replace(row.pk, automation(name="b"), author="you", now=NOW)

    newest = AutomationVersion.objects.get(version=2)
    assert newest.effective_after_ms == 2**60
    assert newest.author == "you"


def test_switching_on_ends_a_quarantine() -> None:
    row = authoring.create(automation(), author="me", now=NOW)
    Automation.objects.update(quarantine_reason="It raised.", quarantined=NOW)

    authoring.enable(row.pk, True, author="me", now=NOW)

    row.refresh_from_db()
    assert (row.quarantine_reason, row.version) == (None, 2)


def test_switching_on_what_is_on_changes_nothing() -> None:
    row = authoring.create(automation(), author="me", now=NOW)

    authoring.enable(row.pk, True, author="me", now=NOW)

    assert AutomationVersion.objects.count() == 1


def test_what_is_deleted_is_gone_for_every_change() -> None:
    row = authoring.create(automation(), author="me", now=NOW)
    authoring.delete(row.pk, author="me", now=NOW)

    with pytest.raises(Automation.DoesNotExist):
        authoring.enable(row.pk, False, author="me", now=NOW)


def test_the_resources_that_actions_name_are_kept() -> None:
    deployment_id = "33ea6955-21fc-4a77-8f1a-75ba821dff18"
    run = {"type": "run-deployment", "deployment_id": deployment_id}

    trigger = {"posture": "Reactive", "expect": ["order.created"]}
    row = authoring.create(automation(trigger=trigger, actions=[run, run]), author="me", now=NOW)

    assert row.related_resources == [f"prefect.deployment.{deployment_id}"]


EVIL = {"env": {"PYTHONPATH": "/tmp", "STAGE": "s"}}


def running(pool_type: str | None, **fields: Any) -> AutomationDocument:
    pool = pool_type and WorkPool.objects.create(name=str(uuid4()), type=pool_type)
    deployment = a_deployment(str(uuid4()), work_pool=pool or None)
    action = {"type": "run-deployment", "deployment_id": str(deployment.pk), **fields}
    trigger = {"type": "event", "posture": "Reactive", "expect": ["a"]}
    return parse_automation({"name": "n", "trigger": trigger, "actions": [action]})


def test_an_action_sets_no_variable_that_chooses_code_where_flint_executes() -> None:
    with pytest.raises(Invalid) as invalid:
        require_sound(running("flint", job_variables=EVIL))

    [problem] = invalid.value.problems
    assert problem.path == "actions[0].job_variables.env.PYTHONPATH"


@pytest.mark.parametrize("pool_type", ["process", None])
def test_workers_take_what_variables_they_like(pool_type: str | None) -> None:
    require_sound(running(pool_type, job_variables=EVIL))
    require_sound(running("flint", job_variables={"env": {"STAGE": "s"}}))
