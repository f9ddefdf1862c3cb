"""The events that tell of an action and what became of it."""

from datetime import datetime
from uuid import UUID

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from triggers_app.automation.own_events import FinishedAction, action_events
from triggers_app.delivery.batch import Job
from triggers_app.delivery.results import Delivered, Rejected, Settlement


def events_of(job: Job, settlement: Settlement, *, now: datetime) -> list[Event]:
    """Two events for what is settled, none for what is still to be sent."""
    if not isinstance(settlement, Delivered | Rejected):
        return []
    event, claimed = job.event, job.claimed
    failed = isinstance(settlement, Rejected)
    reason = {"reason": settlement.reason} if isinstance(settlement, Rejected) else {}
    return action_events(
        FinishedAction(
            firing_id=claimed.firing_id,
            firing_state=claimed.state,
            fired=claimed.fired,
            index=claimed.index,
            number=claimed.retries,
            kind=job.kind,
            resource=job.resource(of_action=True),
            related=_related(job, settlement),
            event_id=None if event is None else UUID(event["id"]),
            event_occurred=None if event is None else datetime.fromisoformat(event["occurred"]),
            failed=failed,
            details=reason | settlement.result,
        ),
        now=now,
    )


def _related(job: Job, settlement: Delivered | Rejected) -> list[dict[str, str]]:
    related: list[dict[str, str]] = []
    if target := job.target_resource:
        related.append({RESOURCE_ID: target, RESOURCE_ROLE: "target"})
    if isinstance(settlement, Delivered) and settlement.flow_run_id is not None:
        made = {
            RESOURCE_ID: f"prefect.flow-run.{settlement.flow_run_id}",
            RESOURCE_ROLE: "flow-run",
        }
        if settlement.flow_run_name:
            made["prefect.resource.name"] = settlement.flow_run_name
        related.append(made)
    if block := job.action.get("block_document_id"):
        related.append({RESOURCE_ID: f"prefect.block-document.{block}", RESOURCE_ROLE: "block"})
    return related
