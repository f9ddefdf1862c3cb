"""`manage.py deploy`: deployments and their triggers from a prefect.yaml; or automations."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from project.lib.clock import utcnow
from project.lib.store_errors import OUTAGES, first_line
from triggers_app.automation.formats.yaml.source import InvalidSource
from triggers_app.services import deploying


class Command(BaseCommand):
    help = (
        "Deploy from prefect.yaml: creates or changes deployments and their triggers. "
        "From Prefect's file of automations: creates or changes those."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="all that the file holds")
        parser.add_argument(
            "-n",
            "--name",
            action="append",
            default=[],
            help="a deployment, or an automation; repeatable",
        )
        parser.add_argument(
            "--prefect-file", type=Path, default=Path("prefect.yaml"), metavar="PATH"
        )
        parser.add_argument(
            "-t",
            "--trigger",
            action="append",
            default=[],
            metavar="JSON-OR-PATH",
            help="a JSON object or a .yaml/.json file, instead of the file's triggers; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = None if options["all"] else set(options["name"])
        if names is not None and not names:
            self._fail(["Say what to deploy: -n NAME (repeatable) or --all."])
        try:
            report = deploying.deploy(
                options["prefect_file"],
                names=names,
                trigger_options=options["trigger"],
                environment=os.environ,
                author="deploy",
                now=utcnow(),
            )
        except InvalidSource as error:
            sentences = [str(problem) for problem in error.problems]
            self._fail([*sentences, f"{len(sentences)} problems; nothing was deployed."])
        except OUTAGES as error:
            first = first_line(error)
            self._fail([f"Flint does not answer; is `make run` running? ({first})"])
        for note in report.notes:
            self.stdout.write(f"note: {note}")
        for line in report.lines:
            self.stdout.write(str(line))
        for warning in report.warnings:
            self.stdout.write(f"warning: {warning}")

    def _fail(self, lines: list[str]) -> NoReturn:
        for line in lines:
            self.stderr.write(line)
        raise SystemExit(1)
