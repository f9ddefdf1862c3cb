"""The texts and parameters of a draft on every firing of its backtest."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from project.lib.problems import Problem
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from runs_app.models import Deployment
from triggers_app.automation.actions import ACTION_TEXTS
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import names_in
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.parameters import chosen_event, dry_run
from triggers_app.builder.parameters.checks import problem_sentence
from triggers_app.builder.parameters.chosen_event import ChosenEvent
from triggers_app.builder.parameters.dry_run import Place
from triggers_app.builder.parameters.service import Editor, deployments_of, target_of
from triggers_app.delivery.batch import Job
from triggers_app.models import Draft

MOST = 500
MOST_EXAMPLES = 5
MOST_FAILURES = 20
SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """An event on which it fails; `event_id` is None for an absence."""

    event_id: UUID | None
    fired: datetime


@dataclass(slots=True)
class Failure:
    """One thing that is wrong with one value (`name`, empty for the whole), and how often."""

    name: str
    sentence: str
    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class FiringTally:
    """How one action fared. `clean` of `tried` firings were in order."""

    place: Place
    kind: str
    tried: int = 0
    clean: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Over:
    """`firings` is how many the backtest found, `tried` how many of the newest were looked at.

    `gone`: of those, the ones whose events are not recorded any more.
    """

    firings: int
    tried: int
    gone: int
    tallies: Sequence[FiringTally]


@process_memory
def _memory() -> TtlCache:
    return TtlCache(seconds=600, most=500)


def over_firings(draft: Draft, *, now: datetime) -> Over | None:
    """Every action on the newest 500 firings, for a second at most; None without a backtest.

    Four queries, and one for each kind of object that templates name. Kept by revision.
    """
    result = backtests.cached_result(draft)
    if result is None:
        return None
    question = (draft.pk, draft.rev, result.covered_until, result.firings_total)

    def answer() -> Over:
        editor = Editor(draft, draft.document, now=now)
        return _Trying(editor, result.firings[-MOST:][::-1]).over(result.firings_total)

    over: Over = _memory().ask(question, answer, now=now)
    return over


class _Trying:
    """All actions of a draft, firing after firing, the newest first."""

    def __init__(self, editor: Editor, firings: Sequence[Any]) -> None:
        self.editor = editor
        # Only who looks at the other events of a firing needs them.
        names = names_in(
            [job.action for job in editor.jobs.values()],
            templates=editor.stage.templates,
            budget=Budget(time.monotonic),
        )
        whole = bool(names & {"events", "firings"})
        events = chosen_event.on_firings(firings, editor.trigger if whole else None)
        self.occasions = [one for one in events if one is not None]
        self.gone = len(events) - len(self.occasions)

    def over(self, total: int) -> Over:
        places = [
            place
            for place, job in self.editor.jobs.items()
            if job.kind in ("run-deployment", *ACTION_TEXTS)
        ]
        tallies = {place: FiringTally(place, self.editor.jobs[place].kind) for place in places}
        ends = time.monotonic() + SECONDS
        tried = 0
        for place, chosen, problems in self._tried(places, ends):
            tally = tallies[place]
            tally.tried += 1
            tally.clean += not problems
            _note(tally, problems, chosen)
            tried = max(tried, tally.tried)
        return Over(total, tried, self.gone, list(tallies.values()))

    def _tried(
        self, places: Sequence[Place], ends: float
    ) -> Iterator[tuple[Place, ChosenEvent, list[tuple[str, str]]]]:
        stage = self.editor.stage
        jobs = [
            (place, one, stage.job(place, one.firing_preview))
            for one in self.occasions
            for place in places
        ]
        variables = stage.variables(
            [job for _, _, job in jobs], [job.action for job in self.editor.jobs.values()]
        )
        known = deployments_of({_target(job) for _, _, job in jobs})
        for place, one, job in jobs:
            if time.monotonic() > ends:
                return
            yield place, one, self._problems(job, variables.of(job), known)

    def _problems(
        self, job: Job, variables: Any, known: dict[UUID, Deployment]
    ) -> list[tuple[str, str]]:
        stage = self.editor.stage
        if job.kind != "run-deployment":
            made = dry_run.message(stage, job, None, addressed=False)
            return [_named(problem) for problem in made.problems]
        target = _target(job)
        deployment = None if target is None else known.get(target)
        tried = dry_run.attempt(stage, job, variables, deployment)
        problems = [_named(problem) for problem in tried.rendered.problems]
        if tried.refusal:
            unfit = [one for one in tried.problems if not _follows(one, problems)]
            problems += [_named(problem) for problem in unfit]
            problems = problems or [("", tried.refusal)]
        if deployment is None and target is None:
            problems.append(("", "No deployment could be inferred from the event."))
        return problems


def _target(job: Job) -> UUID | None:
    return target_of(job) if job.kind == "run-deployment" else None


def _follows(problem: Problem, broken: Sequence[tuple[str, str]]) -> bool:
    """Whether it is only missing because it could not be rendered, which is told already."""
    return problem.type == "required" and any(
        problem.msg.startswith(f"{name!r} is") for name, _ in broken
    )


def _named(problem: Problem) -> tuple[str, str]:
    return (str(problem.loc[0]) if problem.loc else ""), problem_sentence(problem)


def _note(tally: FiringTally, problems: Sequence[tuple[str, str]], chosen: ChosenEvent) -> None:
    event = chosen.recorded
    example = Example(None if event is None else event.event.id, chosen.firing_preview.fired)
    for name, sentence in problems:
        failure = next(
            (one for one in tally.failures if (one.name, one.sentence) == (name, sentence)), None
        )
        if failure is None:
            if len(tally.failures) >= MOST_FAILURES:
                continue
            failure = Failure(name, sentence)
            tally.failures.append(failure)
        failure.count += 1
        if len(failure.examples) < MOST_EXAMPLES:
            failure.examples.append(example)
