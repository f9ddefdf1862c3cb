"""`manage.py emit_event`; manage.py itself calls events_app.management.emit, without Django."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from events_app.management import emit


class Command(BaseCommand):
    help = emit.HELP
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        emit.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sent = emit.send(options)
        except emit.NotSent as error:
            raise CommandError(str(error)) from None
        self.stdout.write(str(sent))
