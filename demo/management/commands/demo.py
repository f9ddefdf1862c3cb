"""`manage.py demo`: a small company to look at, with a week behind it."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo import loading, trickling
from demo.clearing import clear
from demo.loading import DemoBusy, LoadedDemo, OthersHere
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.store_errors import OUTAGES, first_line
from triggers_app.automation.formats.yaml.source import InvalidSource


class Command(BaseCommand):
    help = "Load a small company: deployments, automations of every kind, a week of history."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--live", action="store_true", help="afterwards, send events until Ctrl-C"
        )
        parser.add_argument("--clear", action="store_true", help="remove the demo again")
        parser.add_argument(
            "--force", action="store_true", help="load it beside automations of other people"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["clear"]:
                self._clear()
                return
            self._load(among_others=options["force"])
            if options["live"]:
                self._trickle()
        except OthersHere as error:
            raise CommandError(
                f"Automations of other people are here ({error}). The demo would mix its events "
                "and runs with theirs; --force loads it all the same."
            ) from None
        except InvalidSource as error:
            raise CommandError("\n".join(map(str, error.problems))) from None
        except (DemoBusy, log.LogFull) as error:
            raise CommandError(f"{error} Try again.") from None
        except OUTAGES as error:
            first = first_line(error)
            raise CommandError(f"Flint does not answer; is `make run` running? ({first})") from None

    def _load(self, *, among_others: bool) -> None:
        client = redis_client.client()
        began = time.monotonic()
        loaded = loading.load(client, clock=utcnow, among_others=among_others)
        self.stdout.write(_report(loaded, time.monotonic() - began))
        sent = trickling.send_fresh(client, now=utcnow())
        self.stdout.write(f"Sent {sent} fresh events; the runs that they start are running now.")

    def _clear(self) -> None:
        cleared = clear(redis_client.client(), clock=utcnow)
        self.stdout.write(
            f"Removed the demo: its automations and deployments, {cleared.runs:,} runs and "
            f"{cleared.events:,} events."
        )

    def _trickle(self) -> None:
        self.stdout.write("Sending events as they come. Ctrl-C ends it.")
        events = trickling.trickle(redis_client.client(), clock=utcnow, sleep=time.sleep)
        try:
            for event in events:
                self.stdout.write(f"{utcnow():%H:%M:%S}  {event.event:24} {event.resource_id}")
        except KeyboardInterrupt:
            self.stdout.write("")


def _report(loaded: LoadedDemo, seconds: float) -> str:
    if loaded.existed:
        return (
            f"The demo is here already: {loaded.deployments} deployments, {loaded.automations} "
            "automations. `demo --clear` removes it."
        )
    return (
        f"Larch, a shop for furniture: {loaded.deployments} deployments, {loaded.automations} "
        f"automations, and a week of {loaded.events:,} events, {loaded.firings:,} firings and "
        f"{loaded.runs:,} runs, in {seconds:.0f} s."
    )
