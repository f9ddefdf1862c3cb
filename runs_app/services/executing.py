"""Executing runs of flint pools: claim, start, watch, settle."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection

from project.lib.store_errors import OUTAGES
from runs_app.domain import variables
from runs_app.domain.entrypoint import BadEntrypoint, Entrypoint
from runs_app.domain.limits import Limits, limits_of
from runs_app.domain.states import Proposal, StateType
from runs_app.executor.confinement import ROOT, confinement
from runs_app.executor.environment import flow_environment, server_environment
from runs_app.executor.location import Location, locate
from runs_app.executor.process import Ended, FlowProcess
from runs_app.services.claiming import Claim, claim_next, finish
from runs_app.services.run_logs import RunLog
from runs_app.storage import executions

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
GRACE_SECONDS = 2.0
BEAT_SECONDS = 1.0
FINISH_WITHIN_SECONDS = 120.0
_INFO, _WARNING, _ERROR = 20, 30, 40


@dataclass(frozen=True, slots=True)
class Executor:
    """The worker that executes: its name, its folders, whether it has to stop, its sign of life."""

    name: str
    allowed: Sequence[Path]
    stopping: threading.Event
    clock: Clock
    beat: Callable[[UUID, str], str | None] = executions.beat
    flow_user: str = ROOT  # as whom flows run where this process is root's


def execute_next(executor: Executor, *, attempt: str) -> UUID | None:
    """Execute the run that has been due longest; its id, or None when none is due.

    `attempt` is a name that nobody else uses: the run is held under it.
    """
    if executor.stopping.is_set():
        return None
    claim = claim_next(f"{executor.name}/{attempt}", now=executor.clock())
    if claim is None:
        return None
    log = RunLog(claim.run_id, clock=executor.clock)
    verdict = _carry_out(claim, executor, log)
    if verdict is not None:
        _finish(claim, verdict, executor, log)
    return claim.run_id


def _carry_out(claim: Claim, executor: Executor, log: RunLog) -> Proposal | None:
    """The state that the run comes to; None when it was taken away from us."""
    try:
        entrypoint = Entrypoint.parse(claim.entrypoint)
        location = locate(entrypoint, flow_root=claim.flow_root, allowed=executor.allowed)
        limits = limits_of(claim.job_variables)
    except (BadEntrypoint, ValueError) as error:
        log.say(_ERROR, str(error))
        return Proposal(type=StateType.FAILED, message=str(error))
    if not finish(claim, Proposal(type=StateType.RUNNING), now=executor.clock()):
        return None
    log.say(_INFO, f"Beginning flow run {claim.name!r} for flow {claim.flow_name!r}")
    try:
        process = _start(claim, location, limits, executor, log)
    except OSError as error:
        return Proposal(type=StateType.CRASHED, message=f"Its process did not start: {error}.")
    return _watch(claim, process, limits, executor, log)


def _start(
    claim: Claim, location: Location, limits: Limits, executor: Executor, log: RunLog
) -> FlowProcess:
    confined = confinement(executor.flow_user, location.root)
    if confined.warning:
        log.say(_WARNING, confined.warning)
    facts = {
        "FLINT_FLOW_RUN_ID": str(claim.run_id),
        "FLINT_FLOW_RUN_NAME": claim.name,
        "FLINT_FLOW_NAME": claim.flow_name,
        "FLINT_DEPLOYMENT_NAME": claim.deployment_name or "",
    }
    for name in variables.refused_in(claim.job_variables):
        log.say(_WARNING, f"{variables.refusal(name)} It was left out.")
    extra = claim.job_variables.get("env")
    return FlowProcess.start(
        location,
        parameters=claim.parameters,
        environment=flow_environment(
            server_environment(), extra=extra, facts=facts, user=confined.user
        ),
        memory_bytes=limits.memory_bytes,
        on_line=log.add,
        identity=confined.identity,
    )


def _watch(
    claim: Claim, process: FlowProcess, limits: Limits, executor: Executor, log: RunLog
) -> Proposal | None:
    """Wait for the end of the process, or bring it about."""
    try:
        reason = _until_end(claim, process, limits, executor, log)
    except BaseException:
        # Whatever went wrong: no process goes on that nobody watches.
        process.end(grace_seconds=0)
        process.collect()
        raise
    if reason is not None:
        process.end(grace_seconds=GRACE_SECONDS)
    ended = process.collect()
    if isinstance(reason, _Taken):
        return None
    return reason or _verdict(ended, log)


class _Taken:
    """The run is no longer ours: its state was changed by somebody else."""


def _until_end(
    claim: Claim, process: FlowProcess, limits: Limits, executor: Executor, log: RunLog
) -> Proposal | _Taken | None:
    """Why the process must end now; None when it has ended by itself."""
    deadline = time.monotonic() + limits.timeout_seconds
    beat_at = time.monotonic() + BEAT_SECONDS
    while not process.wait(0.1):
        if executor.stopping.is_set():
            return Proposal(type=StateType.CRASHED, message="Its worker was stopped.")
        if time.monotonic() >= deadline:
            return _timed_out(limits)
        if time.monotonic() >= beat_at:
            beat_at = time.monotonic() + BEAT_SECONDS
            held = _beat(claim, executor, log)
            if held is None:
                return _Taken()
            if held == StateType.CANCELLING:
                return Proposal(type=StateType.CANCELLED)
    return None


def _timed_out(limits: Limits) -> Proposal:
    message = f"Flow run exceeded timeout of {limits.timeout_seconds:g} second(s)"
    return Proposal(type=StateType.FAILED, name="TimedOut", message=message)


def _beat(claim: Claim, executor: Executor, log: RunLog) -> str | None:
    """Write what is waiting and say that we live; the state's type, None when it is not ours.

    While the database is away the flow goes on: whether it is still ours is asked again.
    """
    try:
        log.flush()
        return executor.beat(claim.run_id, claim.executor)
    except OUTAGES:
        logger.warning("No database while run %s is executed; it goes on", claim.run_id)
        connection.close()
        return StateType.RUNNING


def _verdict(ended: Ended, log: RunLog) -> Proposal:
    if ended.traceback:
        log.say(_ERROR, ended.traceback)
    if ended.exit_code == 0 and ended.outcome == "failed":
        return Proposal(type=StateType.FAILED, message=ended.message)
    if ended.exit_code == 0 and ended.outcome == "completed":
        return Proposal(type=StateType.COMPLETED)
    return Proposal(type=StateType.CRASHED, message=_crash_text(ended))


def _crash_text(ended: Ended) -> str:
    if ended.exit_code < 0:
        return f"Flow run process was ended by signal {-ended.exit_code}."
    if ended.exit_code:
        return f"Flow run process exited with status code {ended.exit_code}."
    return "Flow run process ended before the flow had come to its end."


def _finish(claim: Claim, proposal: Proposal, executor: Executor, log: RunLog) -> None:
    """Write the end of the run and its last lines, for as long as the database may be away."""
    level = _INFO if proposal.type == StateType.COMPLETED else _ERROR
    log.say(level, f"Finished in state {proposal.state_name}. {proposal.message or ''}".rstrip())
    deadline = time.monotonic() + FINISH_WITHIN_SECONDS
    settled = flushed = False
    while not (settled and flushed):
        try:
            if not settled:
                finish(claim, proposal, now=executor.clock())
                settled = True
            log.flush()
            flushed = True
        except OUTAGES:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
