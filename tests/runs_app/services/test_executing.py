"""Runs of flint pools, executed for real in processes of their own."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from events_app.models.events import EventOutbox
from project.lib.clock import utcnow
from runs_app.domain.states import Proposal, StateType
from runs_app.models import FlowRun, FlowRunState, Log, WorkPool
from runs_app.services import claiming, executing, orchestrating
from runs_app.storage import executions
from tests.runs_app.examples import NOW, a_deployment, a_run

pytestmark = pytest.mark.django_db

FLOWS = Path(__file__).parents[1] / "executor"


def an_executor() -> executing.Executor:
    return executing.Executor("test", [], threading.Event(), utcnow)


def execute(
    function: str, parameters: Any = None, *, file: str = "flows.py", **fields: Any
) -> FlowRun:
    """Run one function of a file to its end."""
    entrypoint = f"{file}:{function}"
    deployment = a_deployment(
        function, pool="flint", entrypoint=entrypoint, flow_root=str(FLOWS), **fields
    )
    run_id = a_run(deployment, parameters=parameters or {})
    assert executing.execute_next(an_executor(), attempt="1") == run_id
    return FlowRun.objects.get(pk=run_id)


def message(run: FlowRun) -> str | None:
    return FlowRunState.objects.get(pk=str(run.state_id)).message


def lines(run: FlowRun, name: str = "stdout") -> list[str]:
    found = Log.objects.filter(flow_run_id=run.pk, name=name).order_by("timestamp", "pk")
    return [log.message for log in found]


def test_a_run_goes_through_its_states_and_each_has_its_event() -> None:
    run = execute("show", {"order_id": "o7", "amount": 12.5, "raw": {"k": [1]}})

    assert lines(run) == ["order o7 12.5 {'k': [1]}"]
    names = [b.split(b'"event":"')[1].split(b'"')[0] for b in _bodies()]
    assert names == [
        b"prefect.flow-run.Scheduled",
        b"prefect.flow-run.Pending",
        b"prefect.flow-run.Running",
        b"prefect.flow-run.Completed",
    ]
    assert (run.state_name, run.run_count, run.executor) == ("Completed", 1, None)


def _bodies() -> list[bytes]:
    return [bytes(row.body) for row in EventOutbox.objects.order_by("pk")]


@pytest.mark.parametrize(
    ("function", "parameters", "output"),
    [
        ("keyword_flow", {"b": 1, "a": 2}, "['a', 'b']"),
        ("asynchronous", {"n": 21}, "42"),
        ("leave", {"code": 0}, None),
    ],
)
def test_kinds_of_functions_complete(function: str, parameters: Any, output: str | None) -> None:
    run = execute(function, parameters)

    assert run.state_name == "Completed"
    assert lines(run) == ([output] if output else [])


def test_output_and_log_records_keep_their_level() -> None:
    run = execute("speak")

    found = Log.objects.filter(flow_run_id=run.pk).exclude(name="flint.run")
    assert sorted(found.values_list("name", "level", "message")) == [
        ("shop", 30, "stock is low"),
        ("stderr", 30, "err"),
        ("stdout", 20, "out"),
    ]


def test_the_flow_sees_its_folder_and_none_of_our_secrets(monkeypatch: Any) -> None:
    monkeypatch.setenv("SECRET_KEY", "s3cret")

    run = execute("environment", job_variables={"env": {"SHOP": "north"}})

    text = "\n".join(lines(run))
    assert "SHOP=north" in text and f"FLINT_FLOW_RUN_ID={run.pk}" in text
    assert "s3cret" not in text and os.environ["DATABASE_URL"] not in text
    assert "PWD=" not in text


def test_the_working_directory_is_the_root_of_the_flow() -> None:
    assert lines(execute("where")) == [f"{FLOWS} {FLOWS / 'flows.py'}"]


def test_of_a_prefect_flow_the_function_is_called() -> None:
    run = execute("orders", {"order_id": "o1"}, file="beside_prefect/orders.py")

    assert (run.state_name, lines(run)) == ("Completed", ["order o1"])


def test_a_prefect_flow_without_prefect_is_told_so() -> None:
    run = execute("orders", {"order_id": "o1"}, file="beside_prefect/without.py")

    assert run.state_name == "Failed"
    assert (message(run) or "").startswith("This flow needs the package prefect")


FAILURES = {
    "exception": ("fail", {}, "Flow run encountered an exception: ValueError: bad flow"),
    "unknown parameter": (
        "show",
        {"color": "red"},
        "The parameters do not fit the function: got an unexpected keyword argument 'color'.",
    ),
    "missing parameter": (
        "asynchronous",
        {},
        "The parameters do not fit the function: missing a required argument: 'n'.",
    ),
    "not a function": ("values", {}, f"'values' in {FLOWS}/flows.py is not a function."),
    "no such function": ("nothing", {}, f"There is no 'nothing' in {FLOWS}/flows.py."),
}


@pytest.mark.parametrize(("function", "parameters", "text"), FAILURES.values(), ids=FAILURES)
def test_failures_say_what_was_wrong(function: str, parameters: Any, text: str) -> None:
    run = execute(function, parameters)

    assert (run.state_name, message(run)) == ("Failed", text)


def test_the_traceback_of_an_exception_is_logged_without_ours() -> None:
    text = "\n".join(lines(execute("fail"), "flint.run"))

    assert 'raise ValueError("bad flow")' in text
    assert "runner.py" not in text


CRASHES = {
    "status code": ("leave", {"code": 3}, "Flow run process exited with status code 3."),
    "signal": ("kill_itself", {}, "Flow run process was ended by signal 9."),
    "no word": ("vanish", {}, "Flow run process ended before the flow had come to its end."),
}


@pytest.mark.parametrize(("function", "parameters", "text"), CRASHES.values(), ids=CRASHES)
def test_a_process_that_dies_is_a_crash(function: str, parameters: Any, text: str) -> None:
    run = execute(function, parameters)

    assert (run.state_name, message(run)) == ("Crashed", text)


def test_memory_is_limited() -> None:
    run = execute("hold_memory", job_variables={"memory_mb": 256})

    assert run.state_name == "Failed"
    assert "MemoryError" in (message(run) or "")


def test_time_is_limited() -> None:
    run = execute("sleep", job_variables={"timeout_seconds": 0.4})

    assert (run.state_type, run.state_name) == ("FAILED", "TimedOut")
    assert message(run) == "Flow run exceeded timeout of 0.4 second(s)"


@pytest.mark.parametrize("value", ["x", -1, 0, True, 10**12])
def test_a_limit_that_is_none_fails_the_run_with_a_sentence(value: Any) -> None:
    run = execute("show", job_variables={"timeout_seconds": value})

    assert run.state_name == "Failed"
    assert "timeout_seconds must be a positive number" in (message(run) or "")


def test_an_entrypoint_outside_its_root_is_never_started() -> None:
    deployment = a_deployment(pool="flint", entrypoint="../services/x.py:f", flow_root=str(FLOWS))
    run_id = a_run(deployment)

    executing.execute_next(an_executor(), attempt="1")

    run = FlowRun.objects.get(pk=run_id)
    assert (run.state_name, run.run_count) == ("Failed", 0)


def test_what_the_flow_leaves_behind_is_ended() -> None:
    (pid,) = lines(execute("leave_a_child"))

    assert _is_gone(int(pid))


def _is_gone(pid: int) -> bool:
    """Gone, or a zombie that only waits for whoever inherited it."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_output_is_bounded_with_a_note() -> None:
    kept = lines(execute("chatter", {"lines": 12_000, "width": 3}))

    assert len(kept) == 10_001
    assert "was not kept" in kept[-1]


def test_odd_bytes_and_a_missing_newline_do_no_harm() -> None:
    assert lines(execute("odd_bytes")) == ["a\ufffdb \ufffd end without newline"]


def test_records_that_cannot_be_stored_as_they_are_are_repaired() -> None:
    run = execute("odd_records")

    assert run.state_name == "Completed"
    assert lines(run, "a?b\ufffd") == ["x?y\ufffd"]


def test_no_process_goes_on_when_its_executor_fails() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment)

    def broken(run_id: UUID, executor: str) -> str | None:
        assert _processes_of(run_id)
        raise RuntimeError("a bug")

    executor = executing.Executor("test", [], threading.Event(), utcnow, broken)
    with pytest.raises(RuntimeError, match="a bug"):
        executing.execute_next(executor, attempt="1")

    assert not _processes_of(run_id)


def _processes_of(run_id: UUID) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"FLINT_FLOW_RUN_ID={run_id}".encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
    return found


def during(function: str, act: Callable[[FlowRun], None], **fields: Any) -> FlowRun:
    """Execute a function that would go on for long, and act once it speaks."""
    deployment = a_deployment(
        function, pool="flint", entrypoint=f"flows.py:{function}", flow_root=str(FLOWS), **fields
    )
    run_id = a_run(deployment)
    executor = _Interrupted(run_id, act)
    started = time.monotonic()
    executing.execute_next(executor.executor, attempt="1")
    assert time.monotonic() - started < 20
    assert executor.acted
    return FlowRun.objects.get(pk=run_id)


class _Interrupted:
    """Acts at the executor's first sign of life: in the test's own thread and connection."""

    def __init__(self, run_id: UUID, act: Callable[[FlowRun], None]) -> None:
        self.acted = False
        self.executor = executing.Executor("test", [], threading.Event(), utcnow, self._beat)
        self._run_id, self._act = run_id, act

    def _beat(self, run_id: UUID, executor: str) -> str | None:
        if not self.acted:
            self.acted = True
            self._act(FlowRun.objects.get(pk=self._run_id))
        return executions.beat(run_id, executor)


def cancel(run: FlowRun) -> None:
    orchestrating.set_state(run.pk, Proposal(type=StateType.CANCELLING), now=utcnow())


def test_a_run_that_is_cancelled_ends_cancelled() -> None:
    run = during("sleep", cancel)

    assert (run.state_name, message(run)) == (
        "Cancelled",
        "Flow run was cancelled successfully.",
    )


def test_a_flow_that_ignores_the_request_to_end_is_killed() -> None:
    assert during("ignore_termination", cancel).state_name == "Cancelled"


def test_a_run_that_was_taken_away_is_left_as_it_is() -> None:
    def take(run: FlowRun) -> None:
        completed = Proposal(type=StateType.COMPLETED, name="Done by hand")
        orchestrating.set_state(run.pk, completed, now=utcnow(), force=True)

    assert during("sleep", take).state_name == "Done by hand"


def _delete(run: FlowRun) -> None:
    run.delete()


def test_a_run_that_was_deleted_ends_its_process() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment)
    executor = _Interrupted(run_id, _delete)

    assert executing.execute_next(executor.executor, attempt="1") == run_id
    assert not FlowRun.objects.filter(pk=run_id).exists()


def test_a_worker_that_is_stopped_leaves_no_run_running() -> None:
    deployment = a_deployment(pool="flint", entrypoint="flows.py:sleep", flow_root=str(FLOWS))
    run_id = a_run(deployment)
    executor = an_executor()
    threading.Timer(0.5, executor.stopping.set).start()

    executing.execute_next(executor, attempt="1")

    run = FlowRun.objects.get(pk=run_id)
    assert (run.state_name, message(run)) == ("Crashed", "Its worker was stopped.")


def test_a_stopped_worker_takes_no_run() -> None:
    a_run(a_deployment(pool="flint"))
    executor = an_executor()
    executor.stopping.set()

    assert executing.execute_next(executor, attempt="1") is None


@pytest.mark.parametrize(
    ("pool", "paused"), [(None, False), ("worker-pool", False), ("flint", True)]
)
def test_only_runs_of_flint_pools_that_are_not_paused_are_taken(
    pool: str | None, paused: bool
) -> None:
    deployment = a_deployment(pool=pool)
    WorkPool.objects.update(is_paused=paused)
    WorkPool.objects.filter(name="worker-pool").update(type="process")
    a_run(deployment)

    assert claiming.claim_next("e", now=NOW) is None
    assert claiming.count_due(now=NOW, at_most=9) == 0


def test_a_run_is_taken_once_and_not_before_its_time() -> None:
    deployment = a_deployment(pool="flint")
    run_id = a_run(deployment)
    a_run(deployment, scheduled_time=utcnow())

    first = claiming.claim_next("a", now=NOW)

    assert first is not None and first.run_id == run_id
    assert claiming.claim_next("b", now=NOW) is None


def _unseen(run_id: UUID, seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE flow_run SET executor_seen = statement_timestamp() - %s * interval '1 s' "
            "WHERE id = %s",
            [seconds, run_id],
        )


@pytest.mark.parametrize(("seconds", "state"), [(3, "Pending"), (20, "Crashed")])
def test_a_run_whose_executor_is_gone_has_crashed(seconds: int, state: str) -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claiming.claim_next("a", now=NOW)
    _unseen(run_id, seconds)

    # The database of the tests has just been started: as little patience as it is old.
    claiming.crash_lost(now=utcnow(), unseen_seconds=10 if seconds == 3 else 0.01)

    assert FlowRun.objects.get(pk=run_id).state_name == state


def test_a_cancelled_run_whose_executor_is_gone_is_cancelled() -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claiming.claim_next("a", now=NOW)
    cancel(FlowRun.objects.get(pk=run_id))
    _unseen(run_id, 20)

    assert claiming.crash_lost(now=utcnow(), unseen_seconds=0.01) == [run_id]
    assert FlowRun.objects.get(pk=run_id).state_name == "Cancelled"


def test_a_claim_that_was_lost_settles_nothing() -> None:
    run_id = a_run(a_deployment(pool="flint"))
    claim = claiming.claim_next("a", now=NOW)
    FlowRun.objects.filter(pk=run_id).update(executor=str(uuid4()))

    assert claim is not None
    assert not claiming.settle(claim, Proposal(type=StateType.COMPLETED), now=NOW)
