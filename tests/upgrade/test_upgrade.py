"""What an earlier version left behind is brought up to date in place, and goes on.

The tests share one database, and run in the order of the file: the last ones change it.
"""

import time
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts_app.models import ApiKey, Role
from accounts_app.services import access
from events_app.domain.event import RESOURCE_ID, Event, encode_event
from events_app.models import Event as RecordedEvent
from events_app.storage import offsets
from events_app.stream import log
from project import preparing
from project.lib import redis_client
from project.lib.clock import utcnow
from runs_app.models import Deployment, Flow, FlowRun, Log
from triggers_app.models import ActionRun, Automation, BlockDocument, Bucket, Draft, Firing
from triggers_app.reads import held_actions
from triggers_app.services import evaluating, pausing
from triggers_app.services.dispatching import Dispatcher

pytestmark = pytest.mark.xdist_group("upgrade")
COUNTS = {  # of README.md
    "3810219": {
        Automation: 22,
        RecordedEvent: 20_688,
        Firing: 499,
        ActionRun: 499,
        FlowRun: 488,
        Bucket: 133,
        Draft: 1,
        BlockDocument: 1,
        Log: 3_283,
    }
}
LISTS = [
    "overview",
    "events:list",
    "firings:list",
    "automations:list",
    "deployments:list",
    "runs:list",
    "brakes:state",
    "account:one",
    "admin:index",
]


@pytest.fixture(scope="module")
def admin(upgraded: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    return client


def test_nothing_is_left_to_migrate(upgraded: str) -> None:
    assert preparing.migrate() == 0


def test_everything_is_still_there(upgraded: str) -> None:
    found = {model: model._default_manager.count() for model in COUNTS[upgraded]}

    assert found == COUNTS[upgraded]
    assert ActionRun.objects.filter(state=ActionRun.State.HELD).count() == 3


def test_secrets_of_blocks_are_encrypted_and_leave_no_trace(upgraded: str) -> None:
    block = BlockDocument.objects.select_related("block_type", "block_schema").get()
    file = "pg_relation_filepath('block_document')"
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(f"SELECT pg_read_binary_file({file})")
        stored = bytes(cursor.fetchone()[0])

    assert (block.block_type.slug, block.name) == ("webhook", "ops-hook")
    assert block.data["headers"] == {"Authorization": "Bearer upgrade-secret"}
    assert block.block_schema.fields["secret_fields"] == ["url", "headers.*"]
    assert b"ops-hook" in stored
    assert b"upgrade-secret" not in stored
    assert b"secret-part" not in stored


def test_lists_show_it(admin: Client) -> None:
    statuses = {name: admin.get(reverse(name)).status_code for name in LISTS}

    assert statuses == dict.fromkeys(LISTS, 200)


def test_every_automation_is_read_and_can_be_edited(admin: Client) -> None:
    for automation in Automation.objects.all():
        page = admin.get(reverse("automations:one", args=[automation.pk]))
        assert page.status_code == 200 and automation.name in unescape(page.content.decode())
        assert admin.get(reverse("automations:explain", args=[automation.pk])).status_code == 200
        edited = admin.get(reverse("builder:edit", args=[automation.pk]), follow=True)
        assert edited.status_code == 200


def test_a_draft_is_gone_on_with(admin: Client) -> None:
    draft = Draft.objects.order_by("created").first()
    assert draft is not None

    assert admin.get(reverse("builder:page", args=[draft.pk])).status_code == 200


def test_what_happened_is_still_told(admin: Client) -> None:
    """The newest firing of each automation, a run in each state, an event of each day."""
    firings = Firing.objects.order_by("automation_id", "-fired").distinct("automation_id")
    runs = FlowRun.objects.order_by("state_type", "-id").distinct("state_type")
    events = RecordedEvent.objects.order_by("event", "-log_ms").distinct("event")[:12]
    pages = [
        *(("firings:one", firing.pk) for firing in firings),
        *(("runs:one", run.pk) for run in runs),
        *(("events:one", event.id) for event in events),
        *(("deployments:one", deployment.pk) for deployment in Deployment.objects.all()),
    ]

    statuses = {page: admin.get(reverse(page[0], args=[page[1]])).status_code for page in pages}

    assert len(pages) > 30
    assert [page for page, status in statuses.items() if status != 200] == []


def test_the_api_reads_all_of_it_with_a_key(upgraded: str) -> None:
    key = access.create_key("after the upgrade", Role.VIEWER, utcnow())
    client = Client(headers={"Authorization": f"Bearer {key}"})

    found = {
        name: client.post(f"/api/{name}/filter", {"limit": 50}, "application/json")
        for name in ("automations", "deployments", "flow_runs", "events", "flows")
    }

    assert {name: answer.status_code for name, answer in found.items()} == dict.fromkeys(found, 200)
    assert len(found["automations"].json()) == Automation.objects.count()
    assert len(found["flows"].json()) == Flow.objects.count()
    ApiKey.objects.filter(name="after the upgrade").delete()


def test_windows_that_were_open_are_filled_and_fire(upgraded: str) -> None:
    """The third ping of a resource, and the pong beside the ping, within their ten days."""
    client = redis_client.client()
    start = max(offsets.of("evaluate").ms, offsets.of("record").ms)
    before = set(Firing.objects.values_list("pk", flat=True))

    arrive(client, start + 10_000, "upgrade.ping", "upgrade.0", start)
    arrive(client, start + 10_001, "upgrade.pong", "upgrade.9", start)
    evaluate(client)

    new = Firing.objects.exclude(pk__in=before).filter(automation__name__startswith="upgrade")
    fired = sorted(
        f"{f.automation.name} {f.counted_total}" for f in new.select_related("automation")
    )
    silent = ["upgrade: silence 0"] if utcnow() > datetime(2026, 12, 9, 18, 57, tzinfo=UTC) else []
    assert fired == ["upgrade: both 2", "upgrade: half-full 3", *silent]
    assert not Automation.objects.exclude(quarantine_reason=None).exists()


def test_what_was_held_is_released_and_carried_out(upgraded: str) -> None:
    held = set(ActionRun.objects.filter(state=ActionRun.State.HELD).values_list("pk", flat=True))

    pausing.resume_acting(author="ada", now=utcnow())
    pausing.release(held_actions.HeldActions(ids=held), author="ada", now=utcnow())
    Dispatcher(clock=utcnow, timer=time.monotonic).run()

    done = ActionRun.objects.filter(pk__in=held)
    assert [run.state for run in done] == [ActionRun.State.DONE] * 3
    made = FlowRun.objects.filter(pk__in=[run.flow_run_id for run in done])
    assert sorted(run.parameters["n"] for run in made) == [0, 1, 2]


def arrive(client: redis.Redis, ms: int, name: str, resource: str, occurred_ms: int) -> None:
    """As if it had been received at this log time, which lies behind the clock."""
    occurred = datetime.fromtimestamp(occurred_ms / 1000, UTC)
    event = Event(id=uuid4(), occurred=occurred, event=name, resource={RESOURCE_ID: resource})
    frame = b"[" + encode_event(event) + b"]"
    fields: dict[Any, Any] = {"f": frame, "n": 1, "e": 1, "b": len(frame), "k": ""}
    client.xadd(log.LOG, fields, id=f"{ms}-0")
    client.hset(log.META, mapping={"last_ms": ms, "last_seq": 0})


def evaluate(client: redis.Redis) -> None:
    report = evaluating.run_lease(None, client=client, clock=utcnow, wake=str, seconds=1.0)

    assert report.owner and report.events == 2
