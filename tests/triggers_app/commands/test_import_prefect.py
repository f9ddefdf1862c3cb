"""`manage.py import_prefect`: everything is copied, a second copy changes nothing.

`prefect_server.json`: answers of Prefect's server 3.9.1, recorded on 2026-11-30, by path; what
the client sends for the deployment `orders/nightly` and a few objects beside it was sent before.
"""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from runs_app.models import (
    ConcurrencyLimit,
    Deployment,
    DeploymentSchedule,
    Flow,
    Variable,
    WorkPool,
    WorkQueue,
)
from runs_app.services import deployments, pools, variables
from tests.runs_app.examples import NOW
from triggers_app.delivery.prefect_server import PrefectServer, UnreadableServer
from triggers_app.models import Automation
from triggers_app.services import authoring, blocks
from triggers_app.services.deploy_report import Report
from triggers_app.services.importing_prefect import import_prefect

pytestmark = pytest.mark.django_db
ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "prefect_server.json").read_text())
Change = Callable[[dict[str, Any]], None]


def imported(change: Change = lambda answers: None, **options: Any) -> Report:
    answers = json.loads(json.dumps(ANSWERS))
    change(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        if path not in answers:
            return httpx.Response(404, json={"detail": "Not Found"})
        page = json.loads(request.content or b"{}")
        whole = answers[path]
        if "offset" in page:
            whole = whole[page["offset"] : page["offset"] + page["limit"]]
        return httpx.Response(200, json=whole)

    with PrefectServer("http://there:4200", transport=httpx.MockTransport(answer)) as server:
        return import_prefect(server, author="import", now=NOW, **options)


def lines(report: Report, verb: str) -> set[str]:
    return {f"{line.kind} {line.name}" for line in report.lines if line.verb == verb}


def automations() -> dict[str, Automation]:
    return {row.name: row for row in Automation.objects.filter(deleted=None)}


def test_everything_is_copied() -> None:
    report = imported()

    assert {line.verb for line in report.lines} == {"created", "unchanged"}
    assert lines(report, "created") >= {
        "flow orders",
        "work pool procs",
        "work queue procs/fast",
        "variable region",
        "limit db",
        "limit tag:heavy",
        "deployment orders/nightly",
        "deployment orders/served",
        "automation silence",
    }
    pool = WorkPool.objects.get(name="procs")
    assert (pool.type, pool.concurrency_limit, pool.description) == ("process", 3, "Of the shop")
    fast = WorkQueue.objects.get(work_pool=pool, name="fast")
    assert (fast.priority, fast.concurrency_limit) == (2, 1)
    assert {row.name: row.value for row in Variable.objects.all()} == {
        "region": "eu", "tiers": {"a": [1, 2]},
    }  # fmt: skip
    db = ConcurrencyLimit.objects.get(name="db")
    assert (db.limit, db.slot_decay_per_second) == (4, 0.5)


def test_a_deployment_keeps_its_id_its_schedule_and_its_limit() -> None:
    there = {each["name"]: each for each in ANSWERS["/deployments/filter"]}

    imported()

    nightly = Deployment.objects.get(name="nightly")
    assert str(nightly.pk) == there["nightly"]["id"]
    assert (nightly.work_queue_name, nightly.concurrency_limit) == ("fast", 1)
    assert (nightly.parameters, nightly.tags) == ({"amount": 2.0}, ["shop"])
    assert nightly.schedules.get().schedule["cron"] == "0 2 * * *"
    assert ConcurrencyLimit.objects.get(pk=nightly.pk).limit == 1
    assert Deployment.objects.get(name="served").paused
    zones = {row.schedule["timezone"] for row in DeploymentSchedule.objects.all()}
    assert "Europe/Berlin" in zones


def test_automations_keep_ids_and_point_at_what_is_here() -> None:
    flow, _ = deployments.ensure_flow("orders", now=NOW)
    here = deployments.upsert(flow_id=flow.pk, name="served", fields={}, now=NOW).deployment_id

    imported()

    rows = automations()
    silence = rows["silence"]
    assert str(silence.pk) in json.dumps(ANSWERS["/automations/filter"])
    assert not silence.enabled
    assert silence.document["trigger"]["match"] == {
        "prefect.resource.id": f"prefect.deployment.{here}"
    }
    paused_automation, paused_queue = rows["off"].document["actions"]
    assert paused_automation["automation_id"] == str(silence.pk)
    queue = WorkQueue.objects.get(name="fast")
    assert paused_queue["work_queue_id"] == str(queue.pk)


def test_a_trigger_of_a_deployment_stays_its_own() -> None:
    imported()

    nightly = Deployment.objects.get(name="nightly")
    owners = {row.name: row.owner_resource for row in automations().values()}
    assert owners["nightly__automation_1"] == f"prefect.deployment.{nightly.pk}"
    assert owners["off"] is owners["by hand"] is None


def test_a_second_copy_changes_nothing() -> None:
    imported()
    versions = {row.name: row.version for row in automations().values()}

    report = imported()

    assert {line.verb for line in report.lines} == {"unchanged"}
    assert {row.name: row.version for row in automations().values()} == versions
    assert DeploymentSchedule.objects.count() == 2


def test_what_changed_there_is_changed_here() -> None:
    imported()

    def change(answers: dict[str, Any]) -> None:
        answers["/variables/filter"][0]["value"] = "us"
        answers["/work_pools/filter"][1]["concurrency_limit"] = 9
        answers["/deployments/filter"][0]["tags"] = ["new"]
        answers["/v2/concurrency_limits/filter"][0]["limit"] = 7
        answers["/automations/filter"][2]["description"] = "Now with words"

    report = imported(change)

    assert lines(report, "changed") == {
        f"variable {ANSWERS['/variables/filter'][0]['name']}",
        f"work pool {ANSWERS['/work_pools/filter'][1]['name']}",
        f"deployment orders/{ANSWERS['/deployments/filter'][0]['name']}",
        f"limit {ANSWERS['/v2/concurrency_limits/filter'][0]['name']}",
        f"automation {ANSWERS['/automations/filter'][2]['name']}",
    }


def test_inactive_brings_what_is_new_paused_and_leaves_the_rest() -> None:
    imported(inactive=True)
    assert not Deployment.objects.filter(paused=False).exists()
    assert not Automation.objects.filter(enabled=True).exists()

    imported()
    assert automations()["off"].enabled
    imported(inactive=True)

    assert automations()["off"].enabled
    assert not Deployment.objects.get(name="nightly").paused


def test_what_cannot_be_carried_over_is_told() -> None:
    pools.create("procs", {"type": "flint"}, now=NOW)

    def change(answers: dict[str, Any]) -> None:
        answers["/automations/filter"][2]["trigger"]["expect"] = "no list"

    notes = imported(change).notes

    text = "\n".join(notes)
    assert "work pool `procs` is not carried over: here is a pool of that name" in text
    assert "block `slack-webhook/alerts` is not carried over" in text
    assert "automation `off` is not carried over:" in text
    assert "automation `silence` sends by a block that is not here yet" in text
    assert "Prefect 3.9.1" in notes[-1]
    assert automations().keys() == {"silence", "by hand", "nightly__automation_1"}


def test_a_block_that_was_made_here_is_used() -> None:
    made = blocks.create("alerts", "slack-webhook", {"url": "https://hooks.example/x"})
    assert made is not None

    notes = imported().notes

    assert automations()["silence"].document["actions"][1]["block_document_id"] == str(made["id"])
    assert not [note for note in notes if "block" in note]


def test_an_automation_of_the_same_name_is_the_same_one() -> None:
    imported()
    (old,) = Automation.objects.filter(name="off")

    def change(answers: dict[str, Any]) -> None:
        answers["/automations/filter"][2]["id"] = "00000000-0000-4000-8000-000000000001"

    report = imported(change)

    assert "automation off" in lines(report, "unchanged")
    assert Automation.objects.get(name="off").pk == old.pk


def test_a_deleted_automation_comes_back_under_another_id() -> None:
    imported()
    gone = automations()["off"]
    authoring.delete(gone.pk, author="somebody", now=NOW)

    imported()

    assert automations()["off"].pk != gone.pk


def test_long_lists_are_read_page_by_page() -> None:
    def change(answers: dict[str, Any]) -> None:
        one = answers["/variables/filter"][0]
        answers["/variables/filter"] = [{**one, "name": f"v{n}"} for n in range(450)]

    imported(change)

    assert Variable.objects.count() == 450


def test_the_value_of_a_variable_stays_what_it_is() -> None:
    variables.put("region", "here", [])

    report = imported()

    assert "variable region" in lines(report, "changed")
    assert Variable.objects.get(name="region").value == "eu"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (httpx.Response(401), "PREFECT_API_AUTH_STRING"),
        (httpx.Response(500), "status 500"),
        (httpx.Response(200, text="<html>"), "not answered with JSON"),
    ],
)
def test_a_server_that_is_none_is_told(answer: httpx.Response, text: str) -> None:
    transport = httpx.MockTransport(lambda request: answer)

    with (
        pytest.raises(UnreadableServer, match=text),
        PrefectServer("http://there/api/", transport=transport) as server,
    ):
        import_prefect(server, author="import", now=NOW)
    assert not Flow.objects.exists()


@pytest.mark.parametrize(
    ("auth", "header"), [("admin:key", "Basic YWRtaW46a2V5"), ("pnu_1", "Bearer pnu_1")]
)
def test_the_key_is_sent_as_the_client_sends_it(auth: str, header: str) -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.headers["authorization"]))
        return httpx.Response(200, json="3.9.1")

    with PrefectServer("http://there", auth=auth, transport=httpx.MockTransport(answer)) as server:
        assert server.version() == "3.9.1"

    assert seen == [("http://there/api/admin/version", header)]


def test_nobody_there_is_an_error_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:secret")

    with pytest.raises(CommandError, match="does not answer") as error:
        call_command("import_prefect", "http://127.0.0.1:9", stdout=StringIO())

    assert "secret" not in str(error.value)
