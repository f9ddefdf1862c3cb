"""Runs the demo's own functions without waiting: their clock, chance and output are made up.

So a run of the past has the log that the same function writes today.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from runs_app.domain.states import Proposal, StateType
from runs_app.services.past_runs import PastLine

_INFO, _ERROR = 20, 40


@dataclass(frozen=True, slots=True)
class ActedFlow:
    """How it ended, when, and what it wrote."""

    proposal: Proposal
    ended: datetime
    lines: list[PastLine]


class ActingStage:
    """The flows below a folder. They may use `print`, `random` and `time.sleep`, nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._code: dict[Path, Any] = {}

    def act(
        self, entrypoint: str, parameters: Mapping[str, Any], *, at: datetime, random: Random
    ) -> ActedFlow:
        """Run `file.py:function` as if it began `at`."""
        clock = _Clock(at)
        function = self._load(entrypoint, clock, random)
        try:
            function(**parameters)
        except Exception as error:
            return _failed(error, clock)
        return ActedFlow(Proposal(type=StateType.COMPLETED), clock.tick(), clock.lines)

    def _load(self, entrypoint: str, clock: "_Clock", random: Random) -> Callable[..., None]:
        name, _, function = entrypoint.partition(":")
        path = self._folder / name
        if path not in self._code:
            source = path.read_text(encoding="utf-8")
            self._code[path] = compile(source, str(path), "exec")
        module: dict[str, Any] = {"__name__": "__flint_flow__"}
        exec(self._code[path], module)
        module |= {"print": clock.say, "random": random, "time": SimpleNamespace(sleep=clock.sleep)}
        handler: Callable[..., None] = module[function]
        return handler


class _Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.lines: list[PastLine] = []

    def tick(self) -> datetime:
        self.now += timedelta(milliseconds=2)
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def say(self, text: object) -> None:
        self.lines.append(PastLine(self.tick(), str(text), _INFO, "stdout"))


def _failed(error: Exception, clock: _Clock) -> ActedFlow:
    """As the program that runs flows tells it (runs_app.executor.runner)."""
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    text = "".join(traceback.format_exception(type(error), error, frames))
    message = f"Flow run encountered an exception: {type(error).__name__}: {error}"
    clock.lines.append(PastLine(clock.tick(), text, _ERROR))
    return ActedFlow(Proposal(type=StateType.FAILED, message=message), clock.tick(), clock.lines)
