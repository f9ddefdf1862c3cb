"""A believable estate for the browser: enough of everything to see how pages look."""

from dataclasses import dataclass

from events_app.models import Event
from runs_app.models import Deployment, FlowRun
from tests.web import scene
from triggers_app.models import Automation, Firing

CUSTOMERS = ("acme", "zeta", "a-customer-with-quite-a-long-name-gmbh")


@dataclass(frozen=True)
class Estate:
    event: Event
    deployment: Deployment
    run: FlowRun
    failed: FlowRun
    automation: Automation
    firing: Firing

    def paths(self) -> dict[str, str]:
        """Every page by a short name."""
        return {
            "overview": "/",
            "events": "/events/",
            "event": f"/events/{self.event.id}/",
            "firings": "/firings/",
            "firing": f"/firings/{self.firing.pk}/",
            "automations": "/automations/",
            "automation": f"/automations/{self.automation.pk}/",
            "deployments": "/deployments/",
            "deployment": f"/deployments/{self.deployment.pk}/",
            "runs": "/runs/",
            "run": f"/runs/{self.run.pk}/",
            "failed run": f"/runs/{self.failed.pk}/",
        }


def estate() -> Estate:
    load = scene.deployment(
        parameters={"limit": 5000, "dry_run": False}, description="Loads what landed."
    )
    report = scene.deployment("eu", flow="weekly-report", paused=True, tags=["eu", "finance"])
    automation = scene.automation(runs=load, applied_version=1)
    _others(report)
    for number in range(14):
        event, run, firing = _round(automation, load, number)
    failed = scene.run(load, name="grumpy-heron", states="SPRF", created=scene.ago(600))
    scene.log(failed, "Could not load 2026-11-22", level=40)
    refused = scene.firing(automation, event)
    scene.action(
        refused, state="rejected",
        reason="Parameter `limit`: event.payload.max_row is missing; did you mean `max_rows`?",
    )  # fmt: skip
    scene.run(report, name="patient-swan", states="SPR", created=scene.ago(20))
    scene.run(report, name="quiet-mole", states="S", created=scene.ago(5))
    return Estate(event, load, run, failed, automation, firing)


def _others(report: Deployment) -> None:
    absence = {"posture": "Proactive", "threshold": 1, "within": 300.0, "for_each": [],
               "expect": ["heartbeat"], "match": {"prefect.resource.id": "probe.eu-*"}}  # fmt: skip
    scene.automation("heartbeat-eu", runs=report, trigger=absence)
    scene.automation("retry-on-crash", enabled=False, description="Off while the pool moves.")
    scene.automation(
        "a-name-that-somebody-made-by-a-script-and-that-goes-on-and-on-0001",
        quarantine_reason="ZeroDivisionError: division by zero",
        quarantined=scene.ago(4000),
    )


def _round(automation: Automation, load: Deployment, number: int) -> tuple[Event, FlowRun, Firing]:
    customer = CUSTOMERS[number % 3]
    event = scene.event(
        received=scene.ago((14 - number) * 97), seq=number,
        resource_id=f"s3://in/{customer}/{number}.csv",
        payload={"rows": 5210 + number, "max_rows": "5000", "note": "from the night shift"},
        related=[{"prefect.resource.id": "prefect.tag.prod", "prefect.resource.role": "tag"},
                 {"prefect.resource.id": "prefect.tag.eu", "prefect.resource.role": "tag"}],
    )  # fmt: skip
    names = ("cheeky-otter", "brave-lynx", "tidy-crane", "solemn-newt")
    run = scene.run(
        load, name=names[number % 4], created=scene.ago((14 - number) * 97 - 1),
        parameters={"customer": customer, "limit": 5000, "event": {"rows": 5210 + number}},
        causes=[{"automation": str(automation.pk), "firing": str(scene.NOBODY)}], tags=["nightly"],
    )  # fmt: skip
    for line in ("Reading s3://in/acme/3.csv", "5210 rows read", "5210 rows written"):
        scene.log(run, line, at=run.created)
    scene.log(run, "2 rows had no date and were left out", level=30, at=run.created)
    firing = scene.firing(automation, event)
    scene.action(firing, made=run)
    return event, run, firing
