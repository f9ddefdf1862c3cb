"""`manage.py createapikey NAME [--role ROLE]`: make an API key and print it, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts_app.models import Role
from accounts_app.services import access
from project.lib.clock import utcnow


class Command(BaseCommand):
    help = "Make an API key. It is printed once and cannot be read again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--role", choices=Role.values, default=Role.EDITOR.value)

    def handle(self, *args: Any, name: str, role: str, **options: Any) -> None:
        if not name.strip() or "\0" in name:
            raise CommandError("The name must say what the key is for.")
        self.stdout.write(access.create_key(name.strip(), Role(role), utcnow()))
