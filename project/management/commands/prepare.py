"""`manage.py prepare`: what `up` does before it starts the processes, for those who start
them themselves: tables, static files, the first user and key. Safe to run again.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project import first_start, preparing, probes
from project.embedded.starting import CannotStart


class Command(BaseCommand):
    help = "Bring tables and static files up to date, make the first user and key."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for name, answers in (
            ("Redis", probes.redis_answers),
            ("PostgreSQL", probes.postgres_answers),
        ):
            if not answers():
                raise CommandError(f"{name} does not answer. Check its URL.")
        if refusal := probes.redis_refusal():
            raise CommandError(refusal)
        for warning in probes.redis_warnings():
            self.stderr.write(warning)
        try:
            self.stdout.write(f"Migrations applied: {preparing.migrate()}.")
        except CannotStart as problem:
            raise CommandError(str(problem)) from None
        preparing.collect_static()
        credentials = first_start.ensure(settings.FLINT_DATA_DIR)
        for warning in [*preparing.flow_warnings(), *preparing.key_warnings()]:
            self.stderr.write(warning)
        if credentials.made_up:
            self.stdout.write(f"Made up and kept in {credentials.file}.")
