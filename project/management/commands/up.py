"""`manage.py up`: the whole product in one terminal, until Ctrl-C or SIGTERM."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from project.console import Console
from project.lib import env
from project.nursery import Nursery
from project.supervisor import Supervisor


class Command(BaseCommand):
    help = "Run the whole product: database, Redis, web, workers, beat."
    requires_system_checks = ()  # part of the tests; here they would only cost time

    def handle(self, *args: Any, **options: Any) -> None:
        nursery = Nursery.open()  # before anything has threads or connections
        supervisor = Supervisor(
            host=env.text("HOST") or "127.0.0.1",
            port=env.integer("PORT", 4200),
            data_dir=settings.FLINT_DATA_DIR,
            console=Console(),
            nursery=nursery,
        )
        sys.exit(supervisor.run())
