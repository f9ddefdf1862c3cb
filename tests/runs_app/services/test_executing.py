"""Runs of flint pools, executed for real in processes of their own."""

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from project.lib.clock import utcnow
from runs_app.models import Deployment, FlowRun, FlowRunState, Log
from runs_app.services import executing
from tests.runs_app.examples import a_deployment, a_run, run_events

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
    return [bytes(row.body) for row in run_events()]


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


CHOSEN = {
    "function": ("plain", {"n": 2}, "helped 2"),
    "with_options": ("renamed", {"n": 3}, "helped 3"),
    "method": ("Shop.instance", {"n": 1}, "instance 2"),
    "class method": ("Shop.of_class", {"n": 2}, "class 3"),
    "static method": ("Shop.static", {"n": 3}, "static 3"),
}


@pytest.mark.parametrize(("function", "parameters", "output"), CHOSEN.values(), ids=CHOSEN)
def test_functions_and_methods_of_the_file_are_called_and_import_their_siblings(
    function: str, parameters: Any, output: str
) -> None:
    run = execute(function, parameters, file="chosen.py")

    assert (run.state_name, lines(run)) == ("Completed", [output])


NOT_CHOSEN = ["imported_function", "ImportedClass", "partially", "Shop", "Shop.command"]
NOT_CHOSEN += ["Shop.total", "helper", "print", "__import__", "ImportedClass.wait", "Shop.mro"]


@pytest.mark.parametrize("function", NOT_CHOSEN)
def test_what_a_file_imports_or_makes_is_nobodys_to_call(function: str) -> None:
    run = execute(function, {"command": "echo hacked"}, file="chosen.py")

    assert run.state_name == "Failed"
    assert "hacked" not in str(lines(run))
    assert "Traceback" not in str(lines(run, "flint.run"))


def test_no_variable_changes_what_the_interpreter_loads(tmp_path: Path) -> None:
    evil = tmp_path / "sitecustomize.py"
    evil.write_text("print('hacked')")
    (tmp_path / "json.py").write_text("print('hacked')")
    deployment = a_deployment(pool="flint", entrypoint="flows.py:show", flow_root=str(FLOWS))
    # As a version of Flint stored it that did not refuse these.
    names = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PATH", "HOME")
    env = dict.fromkeys(names, str(tmp_path)) | {"STAGE": "test"}
    Deployment.objects.filter(pk=deployment.pk).update(job_variables={"env": env})
    run_id = a_run(deployment)

    executing.execute_next(an_executor(), attempt="1")

    run = FlowRun.objects.get(pk=run_id)
    assert (run.state_name, lines(run)) == ("Completed", ["order none 0.0 None"])
    told = "\n".join(lines(run, "flint.run"))
    assert all(f"`{name}` decides" in told for name in names)
    assert "STAGE" not in told


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
