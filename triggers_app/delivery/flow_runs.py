"""`run-deployment`: all flow runs of a batch are made at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from project.lib.problems import Problem
from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.models import FlowRun
from runs_app.services.creating import create_flow_runs
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.results import Delivered, Rejected, Settlement
from triggers_app.delivery.template_variables import Variables
from triggers_app.engine.templates_parameters import names_in, render_parameters

MAX_VISITS = 3  # of one automation in a chain of causes
MAX_CHAIN = 50
# Rendering holds the rows of the batch; what is left by then stays for the next batch.
RENDERING_SECONDS = 1.0


def run_deployments(batch: Batch) -> list[Settlement | None]:
    """Settle the jobs in order; None for those that were left for the next batch."""
    requests: list[NewFlowRun | Rejected | None] = []
    names = {name for job in batch.jobs for name in _names(batch, job)}
    variables = Variables(batch.jobs, names, now=batch.now)
    chains = _chains(batch.jobs)
    ends = batch.clock() + RENDERING_SECONDS
    warnings: dict[int, list[str]] = {}
    for job in batch.jobs:
        late = requests and batch.clock() > ends
        requests.append(None if late else _request(batch, job, variables, chains, warnings))
    wanted = [request for request in requests if isinstance(request, NewFlowRun)]
    outcomes = iter(create_flow_runs(wanted, now=batch.now) if wanted else [])
    return [
        _settlement(next(outcomes), warnings.get(job.claimed.id, []))
        if isinstance(request, NewFlowRun)
        else request
        for job, request in zip(batch.jobs, requests, strict=True)
    ]


def _names(batch: Batch, job: Job) -> frozenset[str]:
    known = batch.names.get(job.claimed.action)
    if known is None:
        known = names_in(job.action.get("parameters"), templates=batch.templates)
        batch.names[job.claimed.action] = known
    return known


def _request(
    batch: Batch,
    job: Job,
    variables: Variables,
    chains: Mapping[UUID, Sequence[dict[str, Any]]],
    warnings: dict[int, list[str]],
) -> NewFlowRun | Rejected:
    deployment_id = job.target("deployment")
    if deployment_id is None:
        return Rejected("No deployment could be inferred from the event.")
    causes = _causes(job, chains)
    if reason := _endless(causes):
        return Rejected(reason, {"causes": causes})
    rendered = render_parameters(
        job.action.get("parameters") or {},
        variables=variables.of(job),
        templates=batch.templates,
        budget=batch.budget(),
    )
    if rendered.problems:
        return _unrendered(rendered.problems)
    warnings[job.claimed.id] = rendered.warnings
    delay = timedelta(seconds=float(job.action.get("schedule_after") or 0))
    return NewFlowRun(
        deployment_id=deployment_id,
        parameters=rendered.values,
        idempotency_key=f"{job.claimed.firing_id}:{job.claimed.index}",
        scheduled_time=batch.now + delay if delay else None,
        job_variables=job.action.get("job_variables"),
        created_by={
            "id": str(job.owner.id),
            "type": "AUTOMATION",
            "display_value": job.owner.name,
        },
        causes=causes,
    )


def _unrendered(problems: Sequence[Problem]) -> Rejected:
    told = "; ".join(str(problem) for problem in problems)
    detail = [{"loc": list(problem.loc), "msg": problem.msg} for problem in problems]
    return Rejected(f"Parameters could not be rendered: {told}", {"problems": detail})


def _settlement(outcome: Created | Refused, warnings: Sequence[str]) -> Settlement:
    result: dict[str, Any] = {"warnings": list(warnings)} if warnings else {}
    if isinstance(outcome, Created):
        return Delivered(outcome.flow_run_id, result)
    problems = [{"loc": list(problem.loc), "msg": problem.msg} for problem in outcome.problems]
    return Rejected(outcome.reason, result | ({"problems": problems} if problems else {}))


def _chains(jobs: Sequence[Job]) -> Mapping[UUID, Sequence[dict[str, Any]]]:
    """The causes of the flow runs whose events fired. One query, none without such events."""
    ids = {run_id for job in jobs if (run_id := job.inferred("flow-run"))}
    if not ids:
        return {}
    return dict(FlowRun.objects.filter(pk__in=ids).values_list("pk", "causes"))


def _causes(job: Job, chains: Mapping[UUID, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    run_id = job.inferred("flow-run")
    before = chains.get(run_id, ()) if run_id else ()
    own = {"automation": str(job.owner.id), "firing": str(job.claimed.firing_id)}
    return [*before, own]


def _endless(causes: Sequence[dict[str, Any]]) -> str | None:
    """Why a chain of causes ends here; None when it may go on."""
    if len(causes) > MAX_CHAIN:
        return f"The chain of causes holds more than {MAX_CHAIN} firings."
    visits = sum(1 for cause in causes if cause.get("automation") == causes[-1]["automation"])
    if visits > MAX_VISITS:
        return (
            f"The automation started itself: the chain of causes visits it {visits} times, and "
            f"{MAX_VISITS} is the limit."
        )
    return None
