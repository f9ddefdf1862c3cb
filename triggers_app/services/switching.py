"""`pause-automation` and `resume-automation`: changes of automations, made by actions."""

from uuid import UUID

from project.lib.problems import Invalid
from triggers_app.delivery.batch import Batch, Job
from triggers_app.delivery.results import Delivered, Rejected, Settlement, not_inferred
from triggers_app.models import Automation
from triggers_app.services import authoring, cycle_guard
from triggers_app.storage import automations as storage

KINDS = {"pause-automation": False, "resume-automation": True}


def switch_automations(batch: Batch) -> list[Settlement | None]:
    """Each automation is written once, as the last of its actions leaves it. Four queries.

    All rows are locked at once and in order, between the locks of the marks of loops and of
    the catalogue.
    """
    targets = [job.target("automation") for job in batch.jobs]
    ids = {target for target in targets if target is not None}
    effective_after = authoring.point_in_log()
    cycle_guard.lock()
    rows = {row.pk: row for row in storage.locked_many(ids)}
    changed: dict[UUID, Automation] = {}
    settlements: list[Settlement | None] = [
        _switched(job, None if target is None else rows.get(target), target, changed)
        for job, target in zip(batch.jobs, targets, strict=True)
    ]
    if changed:
        author = f"automation {batch.jobs[-1].owner.name}"
        rows_changed = list(changed.values())
        authoring.save(rows_changed, effective_after, marking=True, author=author, now=batch.now)
    return settlements


def _switched(
    job: Job, row: Automation | None, target: UUID | None, changed: dict[UUID, Automation]
) -> Settlement:
    if target is None:
        return not_inferred("automation")
    if row is None:
        return Rejected("Automation not found", {"status_code": 404})
    before = row.version
    try:
        if authoring.switch(row, KINDS[job.kind], by_action=True):
            # However often it is switched in this batch, it is one version more.
            row.version = changed[row.pk].version if row.pk in changed else before + 1
            changed[row.pk] = row
    except Invalid as error:
        return Rejected(f"It cannot be enabled: {error}")
    return Delivered(result={"automation_id": str(target)})
