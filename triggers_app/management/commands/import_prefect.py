"""`manage.py import_prefect URL`: what a running Prefect server holds, copied."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.lib.clock import utcnow
from project.lib.store_errors import OUTAGES, first_line
from triggers_app.delivery.prefect_server import PrefectServer, UnreadableServer
from triggers_app.services.importing_prefect import import_prefect


class Command(BaseCommand):
    help = (
        "Copy flows, work pools, deployments with their schedules, variables, limits and "
        "automations from a running Prefect server. The key of the server is read from "
        "PREFECT_API_AUTH_STRING (user:password) or PREFECT_API_KEY."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="such as http://127.0.0.1:4200/api")
        parser.add_argument(
            "--inactive",
            action="store_true",
            help="what is new comes paused or switched off, while the server still runs",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        auth = os.environ.get("PREFECT_API_AUTH_STRING") or os.environ.get("PREFECT_API_KEY")
        try:
            with PrefectServer(options["url"], auth=auth) as server:
                report = import_prefect(
                    server, author="import", now=utcnow(), inactive=options["inactive"]
                )
        except UnreadableServer as error:
            raise CommandError(str(error)) from None
        except OUTAGES as error:
            raise CommandError(
                f"Flint does not answer; is `make run` running? ({first_line(error)})"
            ) from None
        for line in report.lines:
            self.stdout.write(str(line))
        for note in report.notes:
            self.stdout.write(f"note: {note}")
        for warning in report.warnings:
            self.stdout.write(f"warning: {warning}")
