"""`send-notification` and `call-webhook`: what they say is rendered here, and sent later.

Rendering needs the database; sending must not keep a transaction open. What is stored in
between holds no secrets: the address is looked up when it is sent.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from triggers_app.automation.actions import ACTION_TEXTS
from triggers_app.automation.templating.parameters import render_parameters
from triggers_app.delivery.batch import RENDERING_SECONDS, Batch, Job
from triggers_app.delivery.http_request import host_of
from triggers_app.delivery.kinds import delivers
from triggers_app.delivery.results import Rejected, Send, Settlement
from triggers_app.delivery.template_variables import Variables
from triggers_app.models import BlockDocument
from triggers_app.storage import outgoing

SUBJECT = "Prefect automated notification"


@delivers(*ACTION_TEXTS)
def render_texts(
    batch: Batch, blocks: Mapping[UUID, BlockDocument] | None = None
) -> list[Settlement | None]:
    """Nothing is done yet: each becomes something to send, or is refused with its reasons.

    `blocks` are those that the actions name, where the caller has read them.
    """
    texts_of_jobs = [_texts(job) for job in batch.jobs]
    names = batch.names_in_time(texts_of_jobs)
    variables = Variables(batch.jobs, set().union(*names), now=batch.now)
    if blocks is None:
        blocks = outgoing.blocks([one for job in batch.jobs for one in _block_ids(job)])
    ends = batch.clock() + RENDERING_SECONDS
    settlements: list[Settlement | None] = []
    for index, (job, texts) in enumerate(zip(batch.jobs, texts_of_jobs, strict=True)):
        late = index >= len(names) or (settlements and batch.clock() > ends)
        block = next((blocks.get(one) for one in _block_ids(job)), None)
        host = host_of(job.action, block)
        settlements.append(None if late else _rendered(batch, job, texts, variables, host))
    return settlements


def _texts(job: Job) -> dict[str, Any]:
    texts = {name: job.action.get(name) or "" for name in ACTION_TEXTS[job.kind]}
    if "subject" in texts:
        texts["subject"] = texts["subject"] or SUBJECT
    return texts


def _block_ids(job: Job) -> list[UUID]:
    """The block that says where to send it, if there is one."""
    block_id = job.action.get("block_document_id")
    return [] if block_id is None else [UUID(block_id)]


def _rendered(
    batch: Batch, job: Job, texts: dict[str, Any], variables: Variables, host: str
) -> Settlement:
    rendered = render_parameters(
        texts, variables=variables.of(job), templates=batch.templates, budget=batch.budget()
    )
    if rendered.problems:
        reason = "; ".join(str(problem) for problem in rendered.problems)
        detail = [{"loc": list(p.loc), "msg": p.msg} for p in rendered.problems]
        return Rejected(f"Texts could not be rendered: {reason}", {"problems": detail})
    # A lone expression keeps its type; what is sent is its JSON text.
    values = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in rendered.values.items()
    }
    return Send(values, host, rendered.warnings)
