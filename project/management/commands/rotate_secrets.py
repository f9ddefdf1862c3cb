"""`manage.py rotate_secrets`: a new key for what is encrypted at rest, while Flint runs or not."""

import sys
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project import preparing, probes
from project.console import Console
from project.embedded.starting import CannotStart
from project.lib import encryption
from project.standalone import services_running
from triggers_app.services import secrets


class Command(BaseCommand):
    help = (
        "Make a new key and encrypt the secrets of all blocks with it. The key before it is kept "
        f"until the next rotation. With {encryption.VARIABLE}, put the new key first there."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        running = probes.postgres_answers() and probes.redis_answers()
        console = Console(sys.stderr)
        services = nullcontext() if running else services_running(settings.FLINT_DATA_DIR, console)
        try:
            with services:
                self._rotate()
                preparing.close_connections()
        except CannotStart as error:
            raise CommandError(f"Nothing was changed: {error}") from None

    def _rotate(self) -> None:
        outside = encryption.from_outside()
        if not outside:
            encryption.add_key(settings.FLINT_DATA_DIR)
        newest = encryption.keyring().newest
        rotation = secrets.encrypt_again()
        self.stdout.write(f"Encrypted {rotation.encrypted:,} blocks with the key {newest}.")
        for line in unreadable_blocks():
            self.stderr.write(line)
        if not outside and not rotation.locked:
            encryption.drop_old_keys(settings.FLINT_DATA_DIR)


def unreadable_blocks() -> list[str]:
    """What a person has to know when keys are missing."""
    return [
        f"The secrets of {count:,} block{'' if count == 1 else 's'} cannot be read: the key "
        f"{fingerprint} is missing. Add it to {encryption.file_in(settings.FLINT_DATA_DIR)} or to "
        f"{encryption.VARIABLE}, or give the blocks new secrets."
        for fingerprint, count in sorted(secrets.missing_keys().items())
    ]
