"""`manage.py processes`: the commands of all processes, as a Procfile.

`manage.py processes NAME` becomes that process, for service managers that start one each.
"""

import os
import shlex
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.lib.child_environment import process_environment
from project.processes import Process, processes


class Command(BaseCommand):
    help = "Print how every process is started (a Procfile), or become the one that is named."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the process to become")

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        known = {process.name: process for process in processes(settings.FLINT_DATA_DIR)}
        if name is None:
            self.stdout.write("\n".join(map(line_of, known.values())))
        elif name in known:
            become(known[name])
        else:
            raise CommandError(f"There is no {name}. There are: {', '.join(known)}.")


def line_of(process: Process) -> str:
    return f"{process.name}: {shlex.join(('python', *process.arguments))}"


def become(process: Process) -> None:
    settings.FLINT_DATA_DIR.mkdir(parents=True, exist_ok=True)  # beat keeps its schedule there
    command = [sys.executable, *process.arguments]
    os.execve(sys.executable, command, process_environment(os.environ))
