"""What an action would do on an occasion: the functions that carry it out, without the deed.

Nothing is decided here. `render_parameters` and `render_texts` render, `draft_run` merges the
deployment's own values, converts, and asks the schema, `call_for` makes the request.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from project.lib.json_documents import Document
from project.lib.problems import Problem
from runs_app.domain.run_request import NewFlowRun, Refused
from runs_app.models import Deployment
from runs_app.services.creating import Source, draft_run
from triggers_app.automation.blocks import MASK, masked
from triggers_app.automation.document import ACTION_LISTS, ON_RESOLVE
from triggers_app.automation.plan import PHASES
from triggers_app.automation.templating.budget import Budget
from triggers_app.automation.templating.parameters import (
    RenderedParameters,
    names_in,
    render_parameters,
)
from triggers_app.automation.templating.templates import Templates
from triggers_app.automation.unknown_values import name_of
from triggers_app.builder.parameters.rows import NotJson, from_json
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.calls import Call
from triggers_app.delivery.http_request import call_for
from triggers_app.delivery.results import Rejected, Send
from triggers_app.delivery.template_variables import Variables
from triggers_app.delivery.texts import render_texts
from triggers_app.models import BlockDocument
from triggers_app.services.preview_firing import NAMES, PreviewFiring
from triggers_app.storage.outbox import Claimed, Owner

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class DryRun:
    """The automation whose actions are tried. `templates` are kept for the whole visit."""

    document: Document
    automation_id: UUID
    now: datetime
    templates: Templates

    def job(self, place: Place, firing_preview: PreviewFiring, *, seq: int = 0) -> Job:
        """The action at a place of the document, claimed as the dispatcher claims it."""
        name, number = place
        action = self.document[name][number]
        before = ACTION_LISTS[: ACTION_LISTS.index(name)]
        trigger = self.document.get("trigger")
        resolved = name == ON_RESOLVE
        claimed = Claimed(
            id=seq,
            index=number + sum(len(self.document.get(each) or []) for each in before),
            phase=PHASES[name],
            action=json.dumps(action),
            firing_id=uuid5(NAMES, f"firing {firing_preview.fired}"),
            automation_id=self.automation_id,
            trigger_id=_id_of(trigger),
            fired=firing_preview.fired,
            created=firing_preview.fired,
            state="Resolved" if resolved else "Triggered",
            event_text=firing_preview.event_text,
            labels=firing_preview.labels,
            children=firing_preview.children,
            causes=[str(self.automation_id)],
        )
        return Job(claimed, action, self._owner)

    @property
    def _owner(self) -> Owner:
        document = {
            **self.document,
            "id": str(self.automation_id),
            "created": self.now,
            "updated": self.now,
        }
        return Owner(self.automation_id, name_of(self.document), document)

    def batch(self, jobs: Sequence[Job]) -> Batch:
        return Batch(jobs, self.now, self.templates, monotonic)

    def variables(self, jobs: Sequence[Job], texts: Any) -> Variables:
        """One query for each kind of object that `texts` names (deployment, flow, …)."""
        names = names_in(texts, templates=self.templates, budget=Budget(monotonic))
        return Variables(jobs, names, now=self.now)


def _id_of(trigger: Any) -> UUID:
    try:
        return UUID(str(trigger["id"]))
    except (TypeError, KeyError, ValueError):
        return uuid5(NAMES, "trigger")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a run's parameters.

    `rendered` are the templates' values, `fitted` what the run would get of each parameter:
    the deployment's own, overlaid, converted. `problems` are the schema's. `refusal` is why no
    run would be made; empty when it would. `enforced`: whether the schema can refuse it.
    """

    rendered: RenderedParameters
    fitted: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    refusal: str = ""
    enforced: bool = True

    @property
    def clean(self) -> bool:
        return not self.rendered.problems and not self.refusal


def attempt(
    stage: DryRun, job: Job, variables: Mapping[str, Any], deployment: Deployment | None
) -> Attempt:
    """Try the parameters of a run. Without its deployment nothing but the templates is tried."""
    given = job.action.get("parameters")
    rendered = render_parameters(
        given if isinstance(given, dict) else {},
        variables=variables,
        templates=stage.templates,
        budget=Budget(monotonic),
    )
    if deployment is None:
        return Attempt(rendered)
    # A value that could not be rendered must not hide what is wrong with the others.
    broken = {problem.loc[0] for problem in rendered.problems if problem.loc}
    whole = {name: value for name, value in rendered.values.items() if name not in broken}
    enforced = deployment.enforce_parameter_schema
    made = draft_run(
        _wish(job, whole, enforced=True), Source(deployment.flow, deployment), stage.now
    )
    problems: Sequence[Problem] = ()
    if isinstance(made, Refused):
        problems = made.problems
        free = draft_run(
            _wish(job, whole, enforced=False), Source(deployment.flow, deployment), stage.now
        )
        if isinstance(free, Refused):
            return Attempt(rendered, {}, problems, free.reason, enforced)
        refusal = made.reason if enforced else ""
        return Attempt(rendered, free.row["parameters"], problems, refusal, enforced)
    return Attempt(rendered, made.row["parameters"], (), "", enforced)


def _wish(job: Job, values: Document, *, enforced: bool) -> NewFlowRun:
    return NewFlowRun(
        deployment_id=job.target("deployment"),
        parameters=values,
        rendered=True,
        enforce_parameter_schema=enforced,
        job_variables=job.action.get("job_variables"),
    )


@dataclass(frozen=True, slots=True)
class Message:
    """The request of a notification or a webhook; or why there is none.

    `texts` are what its texts rendered to, `problems` what is wrong with them.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    call: Call | None = None
    refusal: str = ""
    problems: Sequence[Problem] = ()
    warnings: Sequence[str] = ()


def message(
    stage: DryRun, job: Job, block: BlockDocument | None, *, addressed: bool = True
) -> Message:
    """What would be sent; without an address (`addressed`) only the texts."""
    blocks = {} if block is None else {block.pk: block}
    settled = render_texts(stage.batch([job]), blocks)[0]
    if isinstance(settled, Rejected):
        problems = [
            Problem(tuple(each["loc"]), each["msg"]) for each in settled.result.get("problems", ())
        ]
        return Message(refusal=settled.reason, problems=problems)
    assert isinstance(settled, Send)
    texts = dict(settled.request)
    if not addressed:
        return Message(texts, warnings=settled.warnings)
    call = call_for(job.action, texts, block)
    if isinstance(call, Rejected):
        return Message(texts, refusal=call.reason, warnings=settled.warnings)
    return Message(texts, call, warnings=settled.warnings)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as anyone may see it. `size` is the body's in bytes."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: str
    size: int
    is_json: bool
    masked: bool


def sent_of(call: Call, *, key: str, by_block: bool) -> Sent:
    """The request with its secrets masked: of a block's address the server, of headers the names.

    `key` is what the sender puts into `Idempotency-Key`.
    """
    given = {name: value for name, value in call.headers.items() if value in call.secrets}
    masked_call = masked({"url": call.url, "headers": given})
    body = call.body
    for secret in sorted(call.secrets, key=len, reverse=True):
        if by_block or secret != call.url:
            body = body.replace(secret, MASK)
    return Sent(
        method=call.method,
        url=masked_call["url"] if by_block else call.url,
        headers=[*{"Idempotency-Key": key, **call.headers, **masked_call["headers"]}.items()],
        body=body,
        size=len(call.body.encode(errors="replace")),
        is_json=_is_json(call.body),
        masked=by_block or bool(given),
    )


def _is_json(text: str) -> bool:
    try:
        from_json(text)
    except NotJson:
        return False
    return True
