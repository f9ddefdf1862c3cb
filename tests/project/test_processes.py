"""The commands that people copy are those that `up` starts."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from ruamel.yaml import YAML

from project import processes

EXAMPLES = Path(settings.BASE_DIR) / "docs/examples/operations"
NAMES = ["web", "recorder", "evaluator", "actions", "runs", "beat"]


def test_the_procfile_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("processes")

    printed = capsys.readouterr().out.replace(str(settings.FLINT_DATA_DIR), "var")
    assert printed == (EXAMPLES / "Procfile").read_text()
    assert [line.partition(":")[0] for line in printed.splitlines()] == NAMES


def test_the_supervisor_starts_the_same_commands(tmp_path: Path) -> None:
    plans = processes.children(tmp_path, listener_fd=7)

    started = {plan.name: plan.command()[0] for plan in plans}
    known = {p.name: [sys.executable, *p.arguments] for p in processes.processes(tmp_path)}
    assert started == {**known, "web": [*known["web"], "7"]}


def test_a_process_takes_the_place_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setenv("FLINT_API_KEY", "of the first start")
    monkeypatch.setattr(os, "execve", lambda _, *how: became.append(how))

    call_command("processes", "evaluator")

    ((command, environment),) = became
    assert command[:3] == [sys.executable, "-m", "celery"]
    assert "evaluate" in command
    assert "PATH" in environment and "FLINT_API_KEY" not in environment


def test_an_unknown_process_is_told_the_known_ones() -> None:
    with pytest.raises(CommandError, match=r"There is no evil.*web, recorder"):
        call_command("processes", "evil")


def test_the_compose_file_starts_every_process_after_the_preparation() -> None:
    file = EXAMPLES / "compose" / "compose.yaml"
    document: dict[str, Any] = YAML(typ="safe").load(file.read_text())

    started = {
        name: service["command"][1]
        for name, service in document["services"].items()
        if service.get("command", [""])[0] == "processes"
    }
    assert started == {name: name for name in NAMES}
    assert all("prepare" in document["services"][name]["depends_on"] for name in NAMES)
    assert "--appendfsync always" in document["services"]["redis"]["command"]
