"""The dump of an earlier version as `restore` brings it back, on a machine that has no log."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from project import pg_tools, preparing, restoring
from project.embedded.starting import CannotStart
from project.lib import redis_client
from project.lib.clock import utcnow
from project.management.commands.restore import report
from runs_app.models import FlowRun
from tests.upgrade.dumps import FOLDERS, HERE, loaded_database
from triggers_app.models import Firing
from triggers_app.services import evaluating

pytestmark = pytest.mark.xdist_group("upgrade")


@pytest.fixture(params=FOLDERS)
def loaded(request: Any, django_db_blocker: Any) -> Iterator[None]:
    """As a restore that was cut short leaves it."""
    with django_db_blocker.unblock(), loaded_database(request.param):
        redis_client.client().flushall()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {pg_tools.UNFINISHED} ()")
        preparing.migrate(restoring=True)
        yield
        redis_client.client().flushall()


def test_nothing_starts_before_it_is_complete(loaded: None) -> None:
    with pytest.raises(CannotStart, match="A restore was cut short"):
        preparing.migrate()

    restoring.finish_restore(now=utcnow())

    assert preparing.migrate() == 0


def test_no_silence_is_told_of_the_time_since_then(loaded: None) -> None:
    """The dump holds 63 open absences, of which nearly all were due within hours."""
    before = Firing.objects.count()

    settled = restoring.finish_restore(now=utcnow())
    report = evaluating.run_lease(
        None, client=redis_client.client(), clock=utcnow, wake=str, seconds=0.5
    )

    assert (settled.absences, report.owner, report.firings) == (63, True, 0)
    assert Firing.objects.count() == before


def test_what_was_to_be_done_waits_and_a_person_is_told(loaded: None) -> None:
    settled = restoring.finish_restore(now=utcnow())

    assert (settled.held_actions, settled.held_runs) == (0, 1)
    assert FlowRun.objects.filter(state_type="SCHEDULED").count() == 0
    said = "\n".join(report(HERE / "flint.dump", settled))
    assert f"Lost: what happened after {settled.until:%Y-%m-%d %H:%M:%S} UTC" in said
    assert "Held until a person decides: 0 actions and 1 run" in said
