"""`manage.py dump FILE`: everything that is kept, as one file, while Flint runs or not."""

import sys
import time
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events_app.storage import offsets
from events_app.stream import log
from project import pg_tools, preparing, probes
from project.console import Console
from project.embedded.starting import CannotStart
from project.lib import encryption, redis_client
from project.standalone import services_running

CATCH_UP_SECONDS = 10.0


class Command(BaseCommand):
    help = "Write everything that is kept into a file: automations, events, firings, runs, keys."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, help="where to write it; an existing one is replaced"
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if not file.parent.is_dir():
            raise CommandError(f"There is no folder {file.parent}.")
        running = probes.postgres_answers() and probes.redis_answers()
        console = Console(sys.stderr)
        services = nullcontext() if running else services_running(settings.FLINT_DATA_DIR, console)
        try:
            with services:
                missing = _unread_after(CATCH_UP_SECONDS if running else 0)
                pg_tools.dump(settings.DATABASE_URL, file)
                preparing.close_connections()
        except (CannotStart, pg_tools.ToolFailed, OSError) as error:
            raise CommandError(f"Nothing was written: {error}") from None
        self.stdout.write(f"Wrote {file} ({file.stat().st_size / 1_000_000:,.1f} MB).")
        self.stdout.write("It holds the hashes of passwords and keys: keep it as such.")
        self.stdout.write(
            "The secrets of blocks are encrypted in it, and the key is not in it: keep "
            f"{_place_of_the_key()}, apart from the dump."
        )
        if missing:
            self.stdout.write(
                "Events that were accepted but not yet recorded and evaluated are not in it."
            )


def _place_of_the_key() -> str:
    if encryption.from_outside():
        return f"what {encryption.VARIABLE} holds"
    return str(encryption.file_in(settings.FLINT_DATA_DIR))


def _unread_after(seconds: float) -> bool:
    """Whether the readers have not come to where the log ends now, though they had that long."""
    last = log.last_id(redis_client.client())
    deadline = time.monotonic() + seconds
    while (offsets.smallest() or last) < last:
        if time.monotonic() > deadline:
            return True
        time.sleep(0.1)
    return False
