"""The template editor: every text and parameter of a draft's actions, tried on a real event."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings

from project.lib.json_documents import Document
from project.lib.problems import Loc, Problem
from project.lib.process_memory import process_memory
from runs_app.domain.parameter_kinds import resolved
from runs_app.models import Deployment
from triggers_app.automation.actions import ACTION_TEXTS, ACTIONS, CallWebhook
from triggers_app.automation.blocks import address_problems, header_problems
from triggers_app.automation.document import actions_in
from triggers_app.automation.lint.context import Rendering
from triggers_app.automation.templating.parameters import UNSEEN
from triggers_app.automation.templating.templates import Templates
from triggers_app.builder.parameters import checks as parameter_checks
from triggers_app.builder.parameters import dry_run
from triggers_app.builder.parameters.checks import Check, check_row, check_text
from triggers_app.builder.parameters.chosen_event import ChosenEvent, chosen_event, recent_events
from triggers_app.builder.parameters.dry_run import Attempt, DryRun, Place, Sent
from triggers_app.builder.parameters.rows import (
    NotJson,
    ParameterRow,
    json_text,
    parameter_rows,
    text_rows,
)
from triggers_app.delivery.batch import Job
from triggers_app.delivery.texts import SUBJECT
from triggers_app.models import BlockDocument, Draft
from triggers_app.services.preview_firing import trigger_of
from triggers_app.storage import outgoing

TEXT_DEFAULTS = {"subject": SUBJECT}
MOST_HELPS = 6


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with what is said about it. `n` is its place among the rows of its action."""

    n: int
    row: ParameterRow
    check: Check


@dataclass(frozen=True, slots=True)
class ActionTexts:
    """What may be written in one action, and what it comes to for the chosen event.

    `target` says what it acts on. `raw` and `job_variables` are JSON. `refusal` is why nothing
    would be done; `sent` is the request of a notification or a webhook.
    """

    place: Place
    kind: str
    target: str
    rows: Sequence[CheckedRow]
    raw: str = ""
    job_variables: str = ""
    has_schema: bool = False
    enforced: bool = True
    inferred: bool = False
    refusal: str = ""
    warnings: Sequence[str] = ()
    sent: Sent | None = None

    @property
    def title(self) -> str:
        return ACTIONS[self.kind].title

    @property
    def key(self) -> str:
        return f"{self.place[0]}-{self.place[1]}"

    @property
    def bad(self) -> int:
        return sum(each.check.bad for each in self.rows)

    @property
    def unknown(self) -> int:
        return sum(each.check.state == "unknown" for each in self.rows)


@process_memory
def _templates() -> Templates:
    """Compiling takes longer than rendering, and an edit changes one text of many."""
    return Templates(public_url=settings.FLINT_PUBLIC_URL)


class Editor:
    """A draft's document on the chosen event. `now` is wall time.

    Ten queries at most: the event (2), deployments, blocks, and one for each kind of object
    that the templates name.
    """

    def __init__(self, draft: Draft, document: Document, *, now: datetime) -> None:
        self.draft = draft
        self.document = document
        self.now = now
        self.trigger = trigger_of(document)
        self._templates = _templates()
        self._attempts: dict[Place, Attempt] = {}

    @cached_property
    def chosen(self) -> ChosenEvent:
        return chosen_event(self.draft, self.trigger, now=self.now)

    @property
    def assumed(self) -> bool:
        """Whether no event was seen yet, so that one had to be made up."""
        return self.chosen.source == "made up"

    @cached_property
    def recent(self) -> list[Any]:
        return recent_events(self.draft, self.trigger, now=self.now)

    @cached_property
    def stage(self) -> DryRun:
        # What cannot be read cannot be walked either.
        trigger = self.document.get("trigger") if self.trigger is not None else {}
        automation_id = self.draft.automation_id or self.draft.pk
        return DryRun(
            {**self.document, "trigger": trigger}, automation_id, self.now, self._templates
        )

    @cached_property
    def jobs(self) -> dict[Place, Job]:
        return {
            place: self.stage.job(place, self.chosen.firing_preview)
            for place, action in actions_in(self.document)
            if _has_texts(action)
        }

    @cached_property
    def deployments(self) -> dict[UUID, Deployment]:
        ids = {target_of(job) for job in self.jobs.values() if job.kind == "run-deployment"}
        return deployments_of(ids)

    @cached_property
    def blocks(self) -> Mapping[UUID, BlockDocument]:
        said = (job.action.get("block_document_id") for job in self.jobs.values())
        ids = [block_id for one in said if one and (block_id := as_id(one)) is not None]
        return outgoing.blocks(ids) if ids else {}

    @cached_property
    def _variables(self) -> dict[Place, Mapping[str, Any]]:
        jobs = list(self.jobs.values())
        variables = self.stage.variables(jobs, [job.action for job in jobs])
        return {place: variables.of(job) for place, job in self.jobs.items()}

    @property
    def actions(self) -> list[ActionTexts]:
        return [self.action(place) for place in self.jobs]

    def action(self, place: Place) -> ActionTexts:
        """Raises KeyError where there is no such action, or none with texts."""
        job = self.jobs[place]
        if job.kind == "run-deployment":
            return self._run(place, job)
        if job.kind in ACTION_TEXTS:
            return self._message(place, job)
        return ActionTexts(place, job.kind, "", ())

    def rows(self, place: Place) -> list[ParameterRow]:
        """The rows of an action, unchecked."""
        job = self.jobs[place]
        if job.kind == "run-deployment":
            deployment = self._deployment(job)
            return rows_of_run(job.action, deployment)
        return rows_of_texts(job.action)

    def variables(self, place: Place) -> Mapping[str, Any]:
        return self._variables[place]

    def attempt(self, place: Place) -> Attempt:
        if place not in self._attempts:
            job, variables = self.jobs[place], self._variables[place]
            deployment = self._deployment(job)
            self._attempts[place] = dry_run.attempt(self.stage, job, variables, deployment)
        return self._attempts[place]

    def _deployment(self, job: Job) -> Deployment | None:
        deployment_id = target_of(job)
        return None if deployment_id is None else self.deployments.get(deployment_id)

    def _run(self, place: Place, job: Job) -> ActionTexts:
        deployment = self._deployment(job)
        tried = self.attempt(place)
        has_schema = bool(deployment is not None and deployment.parameter_openapi_schema)
        inferred = job.action.get("source", "selected") == "inferred"
        checked = [
            CheckedRow(n, row, self._checked(place, row, self._row(row, tried, has_schema)))
            for n, row in enumerate(rows_of_run(job.action, deployment))
        ]
        unknown = {each.row.name for each in checked if each.check.state == "unknown"}
        known = [problem for problem in tried.problems if not _is_of(problem, unknown)]
        return ActionTexts(
            place=place,
            kind=job.kind,
            target=full_name(deployment) if deployment is not None else "",
            rows=checked,
            raw=raw_text(job.action, "parameters"),
            job_variables=raw_text(job.action, "job_variables"),
            has_schema=has_schema,
            enforced=tried.enforced,
            inferred=inferred,
            refusal=tried.refusal if known or not unknown else "",
            warnings=tried.rendered.warnings,
        )

    def _row(self, row: ParameterRow, tried: Attempt, has_schema: bool) -> Check:
        return check_row(row, tried, has_schema=has_schema, assumed=self.assumed)

    def _message(self, place: Place, job: Job) -> ActionTexts:
        block = self.blocks.get(as_id(job.action.get("block_document_id")) or UUID(int=0))
        unaddressed = _unaddressed(job.action)
        made = dry_run.message(self.stage, job, block, addressed=not unaddressed)
        sent = None
        if made.call is not None:
            sent = dry_run.sent_of(
                made.call, key=f"(firing):{job.claimed.index}", by_block=block is not None
            )
        checked = [
            CheckedRow(
                n, row, self._checked(place, row, check_text(row, made, assumed=self.assumed))
            )
            for n, row in enumerate(rows_of_texts(job.action))
        ]
        return ActionTexts(
            place=place,
            kind=job.kind,
            target=block.name if block is not None else "",
            rows=checked,
            refusal="" if made.problems else unaddressed or made.refusal,
            warnings=made.warnings,
            sent=sent,
        )

    def _checked(self, place: Place, row: ParameterRow, check: Check) -> Check:
        """With the helps that help: each was tried."""
        if not check.bad and (row.mode == "unset" or not check.note):
            return check
        expected, value = self._schema_of(place, row), None
        if row.mode != "unset" and self.jobs[place].kind == "run-deployment":
            value = self.attempt(place).rendered.values.get(row.name)
        offered = parameter_checks.candidates(row, check, value, expected)
        helps = []
        for each, _ in zip(offered, range(MOST_HELPS), strict=False):
            trial = self._trial(place, row, each)
            if trial is not None and not trial.bad and (check.bad or not trial.note):
                helps.append(each)
        return replace(check, helps=tuple(helps))

    def _schema_of(self, place: Place, row: ParameterRow) -> Document:
        deployment = self._deployment(self.jobs[place])
        schema = (deployment.parameter_openapi_schema if deployment is not None else None) or {}
        part = (schema.get("properties") or {}).get(row.name)
        return resolved(part, schema)[0] if isinstance(part, dict) else {}

    def _trial(self, place: Place, row: ParameterRow, each: parameter_checks.Help) -> Check | None:
        """What would be said if the help were taken."""
        try:
            value = parameter_checks.value_of(row, each)
        except NotJson:
            return None
        job = self.jobs[place]
        changed = replace(row, mode=each.mode, text=each.text)
        if job.kind != "run-deployment":
            tried = Job(job.claimed, {**job.action, row.name: value}, job.owner)
            return check_text(changed, dry_run.message(self.stage, tried, None, addressed=False))
        # Alone: the other values cost time, and are judged by themselves.
        tried = Job(job.claimed, {**job.action, "parameters": {row.name: value}}, job.owner)
        deployment = self._deployment(job)
        made = dry_run.attempt(self.stage, tried, self._variables[place], deployment)
        return check_row(changed, made, has_schema=True)

    def fingerprint(self) -> str:
        """Changes when something that a person can write in was changed, or the event was."""
        said: list[Any] = [
            [place, [[r.name, r.choice, r.text, r.default] for r in self.rows(place)]]
            for place in self.jobs
        ]
        raws = [
            raw_text(job.action, name)
            for job in self.jobs.values()
            for name in ("parameters", "job_variables")
        ]
        event = self.chosen.firing_preview.event_text
        text = json.dumps([said, raws, event, self.chosen.source])
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _is_of(problem: Problem, names: set[str]) -> bool:
    """Whether it is about one of these parameters, or that one of them is missing."""
    if problem.loc:
        return problem.loc[0] in names
    return problem.type == "required" and any(
        problem.msg.startswith(f"{name!r} is") for name in names
    )


def _has_texts(action: Document) -> bool:
    return action.get("type") in (*ACTION_TEXTS, "run-deployment", "change-flow-run-state")


def _unaddressed(action: Document) -> str:
    """Why it is not known where to send; empty where it is."""
    if action.get("block_document_id") is not None:
        return ""
    if action.get("type") == "send-notification" or action.get("url") is None:
        return "It is not known where to send it: choose that above."
    own = {name: action.get(name) for name in CallWebhook.extra_keys}
    problems = [*address_problems(own, ()), *header_problems(own["headers"], ())]
    return " ".join(problem.msg for problem in problems)


def as_id(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def target_of(job: Job) -> UUID | None:
    """The deployment that a run would be of; None where it is not known (yet)."""
    try:
        return job.target("deployment")
    except (ValueError, TypeError, AttributeError):
        return None  # what is selected is no id


def deployments_of(ids: set[UUID | None]) -> dict[UUID, Deployment]:
    """One query, none for no ids."""
    known_ids = [one for one in ids if one is not None]
    if not known_ids:
        return {}
    rows = Deployment.objects.filter(pk__in=known_ids).select_related("flow", "work_pool")
    return {deployment.pk: deployment for deployment in rows.order_by("pk")}


def full_name(deployment: Deployment) -> str:
    flow, name = deployment.flow.name, deployment.name
    return flow if flow == name else f"{flow} / {name}"


def rows_of_run(action: Document, deployment: Deployment | None) -> list[ParameterRow]:
    schema = deployment.parameter_openapi_schema if deployment is not None else None
    own = deployment.parameters if deployment is not None else {}
    return parameter_rows(action.get("parameters"), schema, own)


def rows_of_texts(action: Document) -> list[ParameterRow]:
    return text_rows(action, ACTION_TEXTS.get(str(action.get("type")), ()), TEXT_DEFAULTS)


def raw_text(action: Document, name: str) -> str:
    """The JSON of a whole object; empty where it is not there."""
    return json_text(action[name]) if name in action else ""


def rendered_facts(draft: Draft, *, now: datetime) -> dict[Loc, Rendering]:
    """What the engine makes of the parameters of every run, for lint; see `lint.facts.Facts`."""
    editor = Editor(draft, draft.document, now=now)
    renderings: dict[Loc, Rendering] = {}
    for place, job in editor.jobs.items():
        if job.kind != "run-deployment":
            continue
        rendered = editor.attempt(place).rendered
        at: Loc = (*place, "parameters")
        broken = {problem.loc[0] for problem in rendered.problems if problem.loc}
        # What a made-up event gives says nothing of what real ones will.
        for name, value in () if editor.assumed else rendered.values.items():
            if name not in broken:
                renderings[*at, name] = Rendering(value)
        for problem in rendered.problems:
            unseen = editor.assumed and problem.type == UNSEEN
            renderings[*at, *problem.loc] = Rendering(problem=problem.msg, unseen=unseen)
    return renderings


def payload_fields(draft: Draft, *, now: datetime) -> frozenset[str]:
    """Names at the top of the payloads of the newest events that the trigger wants."""
    recent = recent_events(draft, trigger_of(draft.document), now=now)
    payloads = (one.event.payload_object() for one in recent)
    return frozenset(name for payload in payloads if isinstance(payload, dict) for name in payload)
