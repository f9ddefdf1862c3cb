"""`manage.py restore FILE`: what `manage.py dump` wrote, in place of everything there is."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project import pg_tools, preparing, restoring
from project.console import Console
from project.embedded.starting import CannotStart
from project.lib.clock import utcnow
from project.management.commands.rotate_secrets import unreadable_blocks
from project.restoring import RestoreResult
from project.standalone import services_running


class Command(BaseCommand):
    help = (
        "Replace everything by what a dump holds; Flint must be stopped, and then goes on from now."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py dump` wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        try:
            with services_running(settings.FLINT_DATA_DIR, Console(sys.stderr)):
                settled = restoring.restore(file, now=utcnow())
                unreadable = unreadable_blocks()
                preparing.close_connections()
        except (CannotStart, restoring.RestoreRefused) as problem:
            raise CommandError(str(problem)) from None
        except pg_tools.ToolFailed as error:
            raise CommandError(f"Nothing was changed: {error}") from None
        self.stdout.write("\n".join([*report(file, settled), *unreadable]))


def report(file: Path, settled: RestoreResult) -> list[str]:
    """What a person has to know and to decide."""
    until = f"{settled.until:%Y-%m-%d %H:%M:%S} UTC"
    lines = [
        f"Restored {file}. What it replaces is gone.",
        f"Lost: what happened after {until}, of which the dump does not tell.",
    ]
    if settled.dropped_events:
        lines.append(f"Dropped: {_counted(settled.dropped_events, 'event')} of Flint's own.")
    if settled.held_actions or settled.held_runs:
        lines += [
            f"Held until a person decides: {_counted(settled.held_actions, 'action')} and "
            f"{_counted(settled.held_runs, 'run')}.",
            "They may have been carried out since; the page /brakes/ releases or discards them.",
        ]
    if settled.absences:
        lines.append(f"Begun anew: {_counted(settled.absences, 'absence')}.")
    lines.append(
        "Users, passwords and keys are those of the dump. Start Flint: it goes on from now."
    )
    return lines


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
