"""`manage.py simulate FILE`: what the engine does with written-down scenarios."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.lib.problems import Invalid
from triggers_app.automation.engine.simulation import simulate


class Command(BaseCommand):
    help = "Run a file of scenarios through the engine; prints their firings as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON list of scenarios")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            scenarios = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        self.stdout.write(json.dumps([_result(scenario) for scenario in scenarios], indent=1))


def _result(scenario: dict[str, Any]) -> dict[str, Any]:
    name = scenario.get("name")
    try:
        firings = simulate(scenario)
    except (Invalid, KeyError) as error:
        raise CommandError(f"Scenario {name!r}: {error!r}") from None
    return {"name": name, "firings": [asdict(firing) for firing in firings]}
