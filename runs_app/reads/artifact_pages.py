"""Artifacts as people look at them: the latest of each key, and those of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from project.lib.paging import Page, TimeKey, page_of
from runs_app.models import Artifact, FlowRun

MOST_VERSIONS = 20
MOST_OF_A_RUN = 50
# Data is not read for lists: it can be large.
_LISTED = ("id", "key", "type", "description", "flow_run_id", "created", "updated")


@dataclass(frozen=True, slots=True)
class ArtifactInFull:
    """`versions` are the newest ones of its key, itself among them."""

    artifact: Artifact
    versions: Sequence[Artifact]
    run_name: str | None


def page(*, size: int, after: TimeKey | None = None, text: str = "") -> Page[Artifact]:
    """The newest artifacts, those whose key holds a text. One query."""
    rows = Artifact.objects.order_by("-created", "-id").only(*_LISTED)
    if text:
        rows = rows.filter(key__icontains=text)
    if after is not None:
        rows = rows.filter(created__lte=after.moment).exclude(
            created=after.moment, id__gte=after.id
        )
    return page_of(
        list(rows[: size + 1]),
        size=size,
        key=lambda row: TimeKey(row.created, row.id),
        first=after is None,
    )


def in_full(artifact_id: UUID) -> ArtifactInFull | None:
    """Three queries at most."""
    artifact = Artifact.objects.filter(pk=artifact_id).first()
    if artifact is None:
        return None
    versions = [artifact]
    if artifact.key is not None:
        of_key = Artifact.objects.filter(key=artifact.key).order_by("-created", "-id")
        versions = list(of_key.only(*_LISTED)[:MOST_VERSIONS])
    return ArtifactInFull(artifact, versions, _name_of(artifact.flow_run_id))


def _name_of(run_id: UUID | None) -> str | None:
    if run_id is None:
        return None
    return FlowRun.objects.filter(pk=run_id).values_list("name", flat=True).first()


def of_run(flow_run_id: UUID) -> list[Artifact]:
    """The first 50 of a run, in order. One query."""
    rows = Artifact.objects.filter(flow_run_id=flow_run_id).order_by("created", "id")
    return list(rows.only(*_LISTED)[:MOST_OF_A_RUN])
