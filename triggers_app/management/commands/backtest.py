"""`manage.py backtest AUTOMATION`: what it would have done with recorded events."""

import sys
from argparse import ArgumentParser
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from project.lib.clock import utcnow
from project.lib.moments import absolute
from project.lib.problems import Invalid
from triggers_app.models import Automation
from triggers_app.services import backtest_questions as questions
from triggers_app.services.backtest_result import Almost, BacktestResult, WouldBe
from triggers_app.services.backtesting import Backtest, BacktestProgress

PARTIAL = 2
BROKEN = 3


class Command(BaseCommand):
    help = (
        "Backtest a saved automation over recorded events. Exit codes: 0 all was covered, 1 it "
        "cannot be backtested, 2 time ran out, 3 the engine gave up."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("automation", help="name or id")
        parser.add_argument("--since", help="a duration (7d, the default) or a time")
        parser.add_argument("--until", help="a duration or a time; now by default")
        parser.add_argument("--seconds", type=float, default=600, help="give up after so long")
        parser.add_argument("--limit", type=int, default=20, help="show so many of each")
        parser.add_argument("--json", action="store_true", help="print the whole result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        row, backtest = self._backtest(options)
        began = utcnow()
        for progress in backtest:
            self._tell(progress)
        result = backtest.result
        assert result is not None
        if options["json"]:
            self.stdout.write(msgspec.json.encode(result).decode())
        else:
            self.stdout.write("\n".join(_lines(row, result, (utcnow() - began).total_seconds())))
        if result.error is not None:
            sys.exit(BROKEN)
        if not result.finished:
            sys.exit(PARTIAL)

    def _backtest(self, options: dict[str, Any]) -> tuple[Automation, Backtest]:
        try:
            since, until = questions.period(options["since"], options["until"], now=utcnow())
            row = questions.find(options["automation"])
            question = questions.of_saved(row, since, until)
        except Invalid as error:
            raise CommandError("\n".join(str(problem) for problem in error.problems)) from None
        except questions.Ambiguous as error:
            raise CommandError(f"Several have that name; say which: {error}") from None
        except Automation.DoesNotExist:
            raise CommandError("There is no automation with that name or id.") from None
        limits = {"most": max(0, options["limit"]), "seconds": options["seconds"]}
        return row, Backtest(replace(question, **limits))

    def _tell(self, progress: BacktestProgress) -> None:
        if not self.stderr.isatty():
            return
        total = max(1, progress.events_total)
        share = min(100, 100 * progress.events_read // total)
        self.stderr.write(
            f"\r{share:3d} %  {progress.events_read:,} events, {progress.firings:,} firings ",
            ending="",
        )
        if progress.events_read >= progress.events_total:
            self.stderr.write("")


def _lines(row: Automation, result: BacktestResult, seconds: float) -> list[str]:
    lines = [
        f"{row.name} ({row.pk})",
        f"from {absolute(result.since)} to {absolute(result.covered_until)}",
        f"{result.events_read:,} events read in {seconds:.1f} s, {result.firings_total:,} firings, "
        f"{result.almost_total:,} almost, {result.open_total:,} windows still filling",
        *_remarks(result),
    ]
    lines += [_firing(firing) for firing in result.firings]
    lines += [_almost(almost) for almost in [*result.almost, *result.open]]
    return lines


def _remarks(result: BacktestResult) -> list[str]:
    remarks = []
    if result.starts == "empty":
        remarks.append("It starts with no window open: what began before is not seen.")
    if result.covered_since is None:
        remarks.append("No events are recorded.")
    elif result.covered_since > result.since:
        remarks.append(f"No events are recorded before {absolute(result.covered_since)}.")
    if not result.finished:
        remarks.append("Time ran out: only a part was covered.")
    if result.error is not None:
        remarks.append(f"The engine gave up: {result.error}")
    return remarks


def _firing(firing: WouldBe) -> str:
    cause = "absence" if firing.event is None else f"{firing.event.event} {firing.event.id}"
    labels = " ".join(f"{label}={value}" for label, value in firing.labels.items())
    state = "fired   " if firing.state == "Triggered" else "resolved"
    return f"{state}  {absolute(firing.fired)}  {cause}  {labels}".rstrip()


def _almost(almost: Almost) -> str:
    moment: datetime | None = almost.closed or almost.end
    when = "no end" if moment is None else absolute(moment)
    word = "almost  " if almost.closed else "filling "
    key = " ".join(almost.key)
    return f"{word}  {when}  {almost.count} of {almost.needed}  {key}".rstrip()
