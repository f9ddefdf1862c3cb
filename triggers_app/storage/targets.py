"""What an action can be about, by name: deployments, work pools, automations, blocks."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from runs_app.models import Deployment, WorkPool
from triggers_app.models import BlockDocument
from triggers_app.storage import automations

KINDS = ("deployment", "work_pool", "automation", "block_document")


class Target(NamedTuple):
    id: UUID
    name: str


def targets(
    kind: str, *, text: str, limit: int, keep: Collection[UUID] = ()
) -> tuple[list[Target], bool]:
    """At most `limit` by name that hold every word of `text`, and those to keep if they exist.

    Whether there are more. One query, two where some are to be kept.
    """
    rows = _ROWS[kind]().values_list("id", "label")
    queryset = rows
    for word in text.replace("/", " ").split():
        queryset = queryset.filter(Q(label__icontains=word))
    listed = [Target(*row) for row in queryset.order_by("label", "id")[: limit + 1]]
    more, listed = len(listed) > limit, listed[:limit]
    missing = set(keep) - {target.id for target in listed}
    if missing:
        kept = rows.filter(pk__in=missing).order_by("label", "id")
        listed = [*(Target(*row) for row in kept), *listed]
    return listed, more


def is_run_by_flint(deployment_id: UUID | None) -> bool:
    """Whether its pool is of type `flint`; False where there is no such deployment. One query."""
    if deployment_id is None:
        return False
    return Deployment.objects.filter(pk=deployment_id, work_pool__type="flint").exists()


class Taking(NamedTuple):
    """A deployment's name, and the schema of the parameters that it takes."""

    name: str
    schema: dict[str, Any] | None


def parameter_schemas(deployment_ids: Collection[UUID]) -> dict[UUID, Taking]:
    """Of those that exist. One query; none for no ids."""
    if not deployment_ids:
        return {}
    fields = ("id", "name", "parameter_openapi_schema")
    rows = Deployment.objects.filter(pk__in=deployment_ids).values_list(*fields)
    return {row[0]: Taking(*row[1:]) for row in rows}


def _deployments() -> "QuerySet[Any, Any]":
    whole = Concat(F("flow__name"), Value(" / ", output_field=TextField()), F("name"))
    label = Case(When(name=F("flow__name"), then=F("name")), default=whole)
    return Deployment.objects.annotate(label=label)


def _work_pools() -> "QuerySet[Any, Any]":
    return WorkPool.objects.annotate(label=F("name"))


def _automations() -> "QuerySet[Any, Any]":
    return automations.live().annotate(label=F("name"))


def _blocks() -> "QuerySet[Any, Any]":
    label = Concat(
        F("name"),
        Value(" (", output_field=TextField()),
        F("block_type__slug"),
        Value(")", output_field=TextField()),
    )
    return BlockDocument.objects.filter(is_anonymous=False).annotate(label=label)


_ROWS: Mapping[str, Callable[[], "QuerySet[Any, Any]"]] = {
    "deployment": _deployments,
    "work_pool": _work_pools,
    "automation": _automations,
    "block_document": _blocks,
}
