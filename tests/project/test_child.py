"""Children: restarted when they die, later and later; stopped even when they hang."""

import io
import signal
import sys
import time
from collections.abc import Callable

import pytest

from project.child import Child, ChildPlan
from project.console import Console
from tests.system import is_alive, wait_for


def child(code: str, **options: object) -> tuple[Child, io.StringIO]:
    output = io.StringIO()
    command: Callable[[], tuple[list[str], None]] = lambda: ([sys.executable, "-c", code], None)  # noqa: E731
    plan = ChildPlan("web", command, **options)  # type: ignore[arg-type]
    return Child(plan, Console(output)), output


SLEEPER = "import time; time.sleep(60)"


@pytest.fixture
def sleeper() -> tuple[Child, io.StringIO]:
    return child(SLEEPER)


def test_its_output_is_prefixed_with_its_name() -> None:
    talker, output = child("print('one'); print('two')")

    talker.start()
    wait_for(lambda: output.getvalue().count("\n") == 2, seconds=5)
    talker.finish(time.monotonic())

    lines = output.getvalue().splitlines()
    assert [line.split("|")[1].strip() for line in lines] == ["one", "two"]
    assert all(" web " in line and "\x1b" not in line for line in lines)


def test_a_dead_child_is_started_again_at_once(sleeper: tuple[Child, io.StringIO]) -> None:
    process, output = sleeper
    process.start()
    first = process.pid
    assert first

    process._signal_group(signal.SIGKILL)
    wait_for(lambda: not process.alive, seconds=5)
    process.watch()

    assert process.alive and process.pid != first
    assert "web was killed by SIGKILL; starting it again" in output.getvalue()
    process.finish(time.monotonic())


def test_one_that_dies_again_and_again_is_started_later_and_later() -> None:
    broken, output = child("import sys; sys.exit(3)")
    broken.start()

    def watch_until_the_third_death() -> bool:
        broken.watch()
        return output.getvalue().count("exit code 3") >= 3

    wait_for(watch_until_the_third_death, seconds=10)

    assert "starting it again in 0.25 s" in output.getvalue()
    assert "starting it again in 0.5 s" in output.getvalue()


def test_a_quiet_child_speaks_only_when_it_dies() -> None:
    quiet, output = child("print('why it died'); raise SystemExit(1)", quiet=True)
    quiet.start()
    wait_for(lambda: not quiet.alive, seconds=5)
    wait_for(lambda: bool(quiet._last_words), seconds=5)
    assert output.getvalue() == ""

    quiet.watch()

    assert "why it died" in output.getvalue()
    quiet.finish(time.monotonic())


def test_one_that_ignores_the_signal_is_killed_at_the_deadline() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    deaf, output = child(code)
    deaf.start()
    wait_for(lambda: "deaf" in output.getvalue(), seconds=5)

    deaf.ask_to_stop()
    obeyed = deaf.finish(time.monotonic() + 0.2)

    assert not obeyed and not deaf.alive


def test_what_a_child_started_ends_with_it() -> None:
    code = (
        "import subprocess, sys, time;"
        f"p = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]);"
        "print('pid', p.pid, flush=True); time.sleep(60)"
    )
    parent, output = child(code)
    parent.start()
    wait_for(lambda: "pid" in output.getvalue(), seconds=5)
    grandchild = int(output.getvalue().split()[-1])

    parent.ask_to_stop()
    parent.finish(time.monotonic() + 5)

    wait_for(lambda: not is_alive(grandchild), seconds=5)


def test_last_words_that_are_the_same_each_time_are_told_once() -> None:
    code = "import os, sys; print('disk full at', os.getpid()); sys.exit(3)"
    broken, output = child(code, quiet=True)
    broken.start()

    def watch_until_the_third_death() -> bool:
        broken.watch()
        return output.getvalue().count("exit code 3") >= 3

    wait_for(watch_until_the_third_death, seconds=10)

    assert output.getvalue().count("disk full at") == 1
