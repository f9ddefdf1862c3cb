"""`send-notification` and `call-webhook`: what they say is rendered here, and sent later.

Rendering needs the database; sending must not keep a transaction open. What is stored in
between holds no secrets: the address is looked up when it is sent.
"""

import json
from typing import Any

from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.results import Rejected, Send, Settlement
from triggers_app.delivery.template_variables import Variables
from triggers_app.engine.templates_parameters import names_in, render_parameters

TEXTS = {"send-notification": ("subject", "body"), "call-webhook": ("payload",)}
SUBJECT = "Prefect automated notification"


def render_texts(batch: Batch) -> list[Settlement | None]:
    """Nothing is done yet: each becomes something to send, or is refused with its reasons."""
    wanted = [_texts(job) for job in batch.jobs]
    names = {name for each in wanted for name in names_in(each, templates=batch.templates)}
    variables = Variables(batch.jobs, names, now=batch.now)
    return [
        _rendered(batch, job, texts, variables)
        for job, texts in zip(batch.jobs, wanted, strict=True)
    ]


def _texts(job: Job) -> dict[str, Any]:
    texts = {name: job.action.get(name) or "" for name in TEXTS[job.kind]}
    if "subject" in texts:
        texts["subject"] = texts["subject"] or SUBJECT
    return texts


def _rendered(batch: Batch, job: Job, texts: dict[str, Any], variables: Variables) -> Settlement:
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
    return Send(values, rendered.warnings)
