"""The chains of causes of flow runs whose own code emitted an event.

Flint's events carry their chain in a label; what a run's code sends only names the run.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import psycopg

from events_app.domain.causes import CAUSES_LABEL
from events_app.domain.event import RESOURCE_ID, Event

# Raw SQL: runs on the reader's own connection, not on Django's.
_CAUSES = "SELECT id, causes FROM flow_run WHERE id = ANY(%s)"
_PREFIX = "prefect.flow-run."


def emitting_run(event: Event) -> UUID | None:
    """The flow run that an event without a chain of its own involves."""
    if CAUSES_LABEL in event.resource:
        return None
    return run_of_resources((event.resource, *event.related))


def run_of_resources(resources: Iterable[Mapping[str, str]]) -> UUID | None:
    """The first of them that is a flow run."""
    for resource in resources:
        resource_id = resource.get(RESOURCE_ID, "")
        if resource_id.startswith(_PREFIX):
            try:
                return UUID(resource_id.removeprefix(_PREFIX))
            except ValueError:
                continue
    return None


def causes_of_runs(
    connection: "psycopg.Connection[Any]", run_ids: Iterable[UUID]
) -> Mapping[UUID, list[str]]:
    """The automations that led to these runs, oldest first. One query, none without runs."""
    ids = list(run_ids)
    if not ids:
        return {}
    rows = connection.execute(_CAUSES, (ids,))
    return {run_id: [str(cause["automation"]) for cause in causes] for run_id, causes in rows}
