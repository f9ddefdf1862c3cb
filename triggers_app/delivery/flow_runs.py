"""`run-deployment`: all flow runs of a batch are made at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from project.lib.problems import Problem
from runs_app.domain.run_request import Created, NewFlowRun, Refused
from runs_app.services.creating import prepare_flow_runs
from triggers_app.automation.templating.parameters import render_parameters
from triggers_app.delivery.batch import RENDERING_SECONDS, Batch, Job
from triggers_app.delivery.kinds import delivers
from triggers_app.delivery.results import Delivered, Rejected, Settlement, not_inferred
from triggers_app.delivery.template_variables import Variables

# What the API would have answered.
_STATUS = {"missing": 404, "parameters": 409, "unstorable": 422, "variables": 422}


@delivers("run-deployment")
def run_deployments(batch: Batch) -> list[Settlement | None]:
    """Settle the jobs in order; None for those that were left for the next batch."""
    requests: list[NewFlowRun | Rejected | None] = []
    names = batch.names_in_time([job.action.get("parameters") for job in batch.jobs])
    variables = Variables(batch.jobs, set().union(*names), now=batch.now)
    ends = batch.clock() + RENDERING_SECONDS
    warnings: dict[int, list[str]] = {}
    for index, job in enumerate(batch.jobs):
        late = index >= len(names) or (requests and batch.clock() > ends)
        requests.append(None if late else request_for(batch, job, variables, warnings))
    new_runs = [request for request in requests if isinstance(request, NewFlowRun)]
    prepared = prepare_flow_runs(new_runs, now=batch.now)
    prepared.write_states()
    batch.last.append(prepared.write_runs)
    outcomes = iter(prepared.outcomes)
    return [
        settlement_of(next(outcomes), warnings.get(job.claimed.id, []))
        if isinstance(request, NewFlowRun)
        else request
        for job, request in zip(batch.jobs, requests, strict=True)
    ]


def request_for(
    batch: Batch,
    job: Job,
    variables: Variables,
    warnings: dict[int, list[str]],
) -> NewFlowRun | Rejected:
    deployment_id = job.target("deployment")
    if deployment_id is None:
        return not_inferred("deployment")
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
        rendered=True,
        idempotency_key=job.key,
        scheduled_time=batch.now + delay if delay else None,
        job_variables=job.action.get("job_variables"),
        created_by={
            "id": str(job.owner.id),
            "type": "AUTOMATION",
            "display_value": job.owner.name,
        },
        causes=_causes(job),
        not_before=job.claimed.created,
    )


def _unrendered(problems: Sequence[Problem]) -> Rejected:
    sentence = "; ".join(str(problem) for problem in problems)
    detail = [{"loc": list(problem.loc), "msg": problem.msg} for problem in problems]
    return Rejected(f"Parameters could not be rendered: {sentence}", {"problems": detail})


def settlement_of(outcome: Created | Refused, warnings: Sequence[str]) -> Settlement:
    result: dict[str, Any] = {"warnings": list(warnings)} if warnings else {}
    if isinstance(outcome, Created):
        return Delivered(outcome.flow_run_id, {"status_code": 201, **result}, outcome.name)
    problems = [{"loc": list(problem.loc), "msg": problem.msg} for problem in outcome.problems]
    details = {"problems": problems} if problems else {}
    return Rejected(outcome.reason, {"status_code": _STATUS[outcome.kind], **result, **details})


def _causes(job: Job) -> list[dict[str, Any]]:
    *before, own = job.claimed.causes or [str(job.owner.id)]
    firing = {"automation": own, "firing": str(job.claimed.firing_id)}
    return [*({"automation": each} for each in before), firing]
