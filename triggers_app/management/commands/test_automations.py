"""`manage.py test_automations`: run the tests that are kept with automations, for CI."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.lib.json_documents import Document
from triggers_app.automation.formats import detect
from triggers_app.automation.running_tests import run_tests
from triggers_app.automation.unknown_values import name_of
from triggers_app.storage import automations


class Command(BaseCommand):
    help = (
        "Run the tests that are kept with automations: saved ones, or those of a YAML or JSON "
        "file. Exit codes: 0 all pass, 1 a test fails, or there is something that cannot be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="of automations; all by default")
        parser.add_argument("--file", type=Path, help="a file instead of what is saved")

    def handle(self, *args: Any, **options: Any) -> None:
        file, names = options["file"], set(options["names"])
        documents = _in_file(file) if file else _saved(names)
        run = failed = 0
        seen = set()
        for document in documents:
            name = name_of(document)
            if names and name not in names:
                continue
            seen.add(name)
            for result in run_tests(document):
                run += 1
                failed += not result.passes
                word = "pass" if result.passes else "FAIL"
                said = "" if result.passes else f": {result.reason}"
                self.stdout.write(f"{word}  {name} · {result.test.name}{said}")
        for missing in sorted(names - seen):
            self.stderr.write(f"There is no automation named {missing}.")
        self.stdout.write(f"{run - failed} of {run} tests pass.")
        if failed or names - seen:
            raise SystemExit(1)


def _saved(names: set[str]) -> Iterator[Document]:
    rows = automations.live().order_by("name", "id")
    rows = rows.filter(name__in=names) if names else rows.filter(document__flint__has_key="tests")
    yield from rows.values_list("document", flat=True).iterator(chunk_size=100)


def _in_file(path: Path) -> Iterator[Document]:
    try:
        reading = detect.read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    if reading.errors:
        raise CommandError("\n".join(f"{path}: {one.message}" for one in reading.errors))
    for parsed in reading.automations:
        yield parsed.document
