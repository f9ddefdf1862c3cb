"""Answering a request for one new run."""

from django.db import transaction
from django.http import HttpResponse

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from project.lib.problems import Invalid
from runs_app.api.answers import answer
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.reads import flow_runs
from runs_app.services import creating


def created(new_run: NewFlowRun) -> HttpResponse:
    """201 for a new run, 200 for the one that its key had made before."""
    now = utcnow()
    with transaction.atomic():
        (outcome,) = creating.create_flow_runs([new_run], now=now)
    if isinstance(outcome, Refused):
        raise refusal(outcome)
    document = flow_runs.document(outcome.flow_run_id, now=now)
    return answer(document, 200 if outcome.existed else 201)


def refusal(refused: Refused) -> Exception:
    if refused.kind == "missing":
        return ApiError(404, {"detail": refused.reason})
    if refused.kind == "parameters":
        return ApiError(409, {"detail": refused.reason})
    return Invalid(refused.problems)
