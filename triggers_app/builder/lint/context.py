"""What lint may know about a draft, gathered: at most eight queries and those of the parameters.

Events change slowly, so names and a sample of each name's newest events are remembered by this
process for a minute. What other parts have already worked out (the backtest, rendered
parameters) is asked for, never begun.
"""

import functools
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from uuid import UUID

from django.conf import settings

from events_app.domain.event import RESOURCE_ID, Event
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from triggers_app.automation.actions import RunDeployment, Selecting
from triggers_app.automation.document import AutomationDocument, meaning, meaning_key
from triggers_app.automation.lint.context import BacktestFacts, DeploymentFacts, LintContext
from triggers_app.automation.lint.places import selecting_triggers
from triggers_app.automation.lint.sample import (
    SampleSummary,
    TriggerSample,
    labels_of_conditions,
    sample_of,
    summary_of,
)
from triggers_app.automation.lint.seen_names import SeenNames
from triggers_app.automation.loops.cycles import find_cycles
from triggers_app.automation.loops.links import Others
from triggers_app.automation.loops.overlap import listed
from triggers_app.automation.triggers import Leaf
from triggers_app.builder.backtest import service as backtests
from triggers_app.builder.parameters.service import payload_fields, rendered_facts
from triggers_app.models import Draft
from triggers_app.services import cycle_guard
from triggers_app.services.backtest_result import BacktestResult
from triggers_app.storage import lint_facts as storage

KEPT_SECONDS = 60.0
# Beyond that many names lint does not know whether one was ever seen.
MOST_NAMES = 20_000
SAMPLED_NAMES = 12
SAMPLED_EVENTS = 200  # of each
MOST_KEPT = 50_000  # events and names
MOST_TARGETS = 200
_RUN, _DEPLOYMENT = "prefect.flow-run.", "prefect.deployment."
# Other kinds that actions select and that can be gone; work queues are no rows of their own.
_KINDS = ("automation", "work-pool")


@process_memory
def memory() -> TtlCache:
    return TtlCache(seconds=KEPT_SECONDS, most=MOST_KEPT)


def facts_of(
    draft: Draft, automation: AutomationDocument, backtest: BacktestResult | None, *, now: datetime
) -> LintContext:
    """Everything that is known about a draft which parses as `automation`.

    Its parameters are rendered only where there are some.
    """
    names = _names(now)
    sample = _sample_summary(automation, names, now)
    others = cycle_guard.others()
    deployments = _deployments(automation, others, draft.automation_id)
    runs = [action for action in automation.all_actions if isinstance(action, RunDeployment)]
    required = any((one.schema or {}).get("required") for one in deployments.values())
    return LintContext(
        rendered=rendered_facts(draft, now=now) if any(run.parameters for run in runs) else {},
        payload_fields=payload_fields(draft, now=now) if runs and required else frozenset(),
        written=draft.document,
        event_names=names,
        label_values=sample.label_values,
        lacking=sample.lacking,
        related_per_role=sample.related_per_role,
        finished=_finished(automation),
        deployments=deployments,
        gone=_gone(automation),
        others=others,
        same_triggers=_alike(automation),
        automation_id=draft.automation_id,
        backtest=None if backtest is None else _backtest(backtest),
        retention=settings.FLINT_EVENT_RETENTION,
    )


def _names(now: datetime) -> SeenNames | None:
    """The names that were recorded; None when nothing was, or when they are too many to know."""

    def read() -> SeenNames:
        return SeenNames(storage.names(MOST_NAMES + 1))

    names: SeenNames = memory().ask("names", read, now=now, weight=len)
    return names if 0 < len(names) <= MOST_NAMES else None


def _sample_summary(
    automation: AutomationDocument, names: SeenNames | None, now: datetime
) -> SampleSummary:
    triggers = list(selecting_triggers(automation))
    frequent = [
        [] if names is None else names.matching(trigger.event_names, most=SAMPLED_NAMES)
        for _, trigger in triggers
    ]
    events = _sample(list(dict.fromkeys(chain.from_iterable(frequent))), now)
    labels = labels_of_conditions(automation)

    def sample(trigger: Leaf, of: list[str]) -> TriggerSample:
        # An edit changes one trigger; the samples of the others stay as they were.
        return sample_of(trigger, labels, chain.from_iterable(events[name] for name in of))

    return summary_of(
        (
            loc,
            memory().ask(
                ("sample", meaning(trigger), labels, tuple(of)),
                functools.partial(sample, trigger, of),
                now=now,
                weight=attrgetter("weight"),
            ),
        )
        for (loc, trigger), of in zip(triggers, frequent, strict=True)
    )


def _sample(names: list[str], now: datetime) -> dict[str, list[Event]]:
    """The newest events of these names. One query, none for what was asked a moment ago."""
    kept = memory()
    known = {name: kept.get(("events", name), now=now) for name in names}
    missing = [name for name, events in known.items() if events is None]
    if missing:
        samples = storage.newest_of_each(missing, now=now, limit=SAMPLED_EVENTS)
        for name in missing:
            known[name] = kept.ask(
                ("events", name), functools.partial(samples.get, name), now=now, weight=len
            )
    return {name: events or [] for name, events in known.items()}


def _finished(automation: AutomationDocument) -> dict[str, str | None]:
    """Runs to which a trigger is pinned, and which have ended. One query, or none."""
    pinned = {
        run_id
        for _, trigger in selecting_triggers(automation)
        for text in listed(trigger.match.get(RESOURCE_ID, []))
        if (run_id := _id_in(text, _RUN)) is not None
    }
    if not pinned:
        return {}
    ended = storage.ended(pinned)
    return {
        f"{_RUN}{run}": None if deployment is None else f"{_DEPLOYMENT}{deployment}"
        for run, deployment in ended.items()
    }


def _deployments(
    automation: AutomationDocument, others: Others, automation_id: UUID | None
) -> dict[UUID, DeploymentFacts]:
    """Those that actions select, and those that a loop goes through. One query, or none."""
    selected = _selected(automation, "deployment")
    cycles = find_cycles(automation, others, automation_id=automation_id)
    passed = {step.deployment_id for cycle in cycles for step in cycle.steps} - {None}
    ids = {*selected, *(one for one in passed if one is not None)}
    if not ids:
        return {}
    facts = {
        target.id: DeploymentFacts(
            f"{target.flow} / {target.name}",
            paused=target.paused,
            parameters=target.parameters,
            schema=target.schema,
        )
        for target in storage.deployments(ids)
    }
    gone = {one: DeploymentFacts(str(one), exists=False) for one in selected - facts.keys()}
    return facts | gone


def _gone(automation: AutomationDocument) -> frozenset[str]:
    """What is selected and is not there any more, by resource id. One query for each kind."""
    gone: set[str] = set()
    for kind in _KINDS:
        if ids := _selected(automation, kind):
            left = ids - storage.existing(kind, ids)
            gone |= {f"prefect.{kind}.{one}" for one in left}
    return frozenset(gone)


def _selected(automation: AutomationDocument, kind: str) -> set[UUID]:
    """The ids of a kind that actions select; a document with more of them is no human's."""
    target = f"{kind.replace('-', '_')}_id"
    ids = [
        action.target_id
        for action in automation.all_actions
        if isinstance(action, Selecting) and action.target_key() == target
    ]
    return {one for one in ids[:MOST_TARGETS] if one is not None}


def _alike(automation: AutomationDocument) -> dict[str, list[tuple[UUID, str]]]:
    """Automations with an equal trigger. One query, by index."""
    same = storage.with_meaning(meaning_key(automation.trigger))
    return {meaning(automation.trigger): same} if same else {}


def _backtest(result: BacktestResult) -> BacktestFacts:
    effect = backtests.effect_of(result)
    # In whole minutes, and hours where it is some: it is told in words.
    unit = timedelta(hours=1) if effect.covered >= timedelta(hours=3) else timedelta(minutes=1)
    return BacktestFacts(effect.covered // unit * unit, effect.firings, effect.busiest_hour)


def _id_in(text: str, beginning: str) -> UUID | None:
    try:
        return UUID(text.removeprefix(beginning)) if text.startswith(beginning) else None
    except ValueError:
        return None
