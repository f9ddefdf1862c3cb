"""Answers about proposed states, for flow runs and task runs."""

from typing import Any

from django.http import HttpResponse

from events_app.domain.event import rfc3339
from runs_app.api.answers import answer
from runs_app.domain.states import State
from runs_app.services.orchestrating import OrchestrationResult


def orchestrated(result: OrchestrationResult) -> HttpResponse:
    """201 when a state was written, else 200."""
    return answer(document_of(result), 201 if result.written else 200)


def document_of(result: OrchestrationResult) -> dict[str, Any]:
    return {
        "state": None if result.state is None else _state(result.state),
        "status": result.status,
        "details": result.details,
    }


def _state(state: State) -> dict[str, Any]:
    return {
        "id": state.id,
        "type": state.type.value,
        "name": state.name,
        "timestamp": rfc3339(state.timestamp),
        "message": state.message,
        "data": state.data,
        "state_details": state.details,
    }
