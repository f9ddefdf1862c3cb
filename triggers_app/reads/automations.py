"""Automations as pages list and show them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat, Upper

from project.lib.paging import NameKey, Page, TimeKey, page_of
from project.lib.sql_like import like_literal
from runs_app.reads import deployments
from triggers_app.automation.document import AutomationDocument, is_shadow
from triggers_app.automation.wording import automation_sentence
from triggers_app.models import Automation, Firing
from triggers_app.reads import firings, stored_documents
from triggers_app.reads.health import Unwell, condition_of
from triggers_app.reads.stored_documents import _DEPLOYMENT, UNREADABLE


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """A line of the list of automations."""

    id: UUID
    name: str
    enabled: bool
    quarantine_reason: str | None
    kind: str | None
    document: dict[str, Any]
    related_resources: list[str]
    guarded: bool
    updated: datetime
    last_fired: datetime  # NEVER when it has not

    @property
    def shadow(self) -> bool:
        return is_shadow(self.document)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list of automations is narrowed to; empty narrows nothing."""

    text: str = ""
    status: str = ""  # on, shadow, off, aside
    kind: str = ""  # event, absence, compound, sequence, metric
    health: str = ""  # ok, failing, noisy, silent; wants `unwell`
    tag: str = ""
    owner: str = ""  # who created it
    managed: str = ""  # deployment, people, clients


_TEXTS = ArrayField(TextField())
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

_KIND = Case(
    When(document__trigger__type="event", document__trigger__posture="Proactive",
         then=Value("absence")),
    default=KT("document__trigger__type"), output_field=TextField(),
)  # fmt: skip

_STATUS = Case(
    When(quarantine_reason__isnull=False, then=Value("aside")),
    When(enabled=True, document__flint__shadow=True, then=Value("shadow")),
    When(enabled=True, then=Value("on")),
    default=Value("off"),
    output_field=TextField(),
)

MANAGED_BY = Case(
    When(owner_resource__isnull=False, then=Value("deployment")),
    When(created_by__in=User.objects.values("username"), then=Value("people")),
    default=Value("clients"),
    output_field=TextField(),
)


@dataclass(frozen=True, slots=True)
class ListedAutomation:
    """A line of a list: the automation with its sentence; `days` are firings of seven days."""

    id: UUID
    name: str
    enabled: bool
    shadow: bool
    guarded: bool
    quarantine_reason: str | None
    kind: str | None
    sentence: str
    updated: datetime
    last_fired: datetime | None
    days: list[int]
    health: str = ""  # ok, failing, noisy, silent; empty when it is off, or nobody looked


@dataclass(frozen=True, slots=True)
class ActionTarget:
    """A deployment that an automation's actions select; `name` is None when it is gone."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True)
class AutomationInFull:
    automation: Automation
    sentence: str
    targets: list[ActionTarget]
    document: AutomationDocument | None  # None when this version cannot read it


def page(
    narrowing: Narrowing,
    *,
    size: int,
    now: datetime,
    sort: str = "name",
    after: NameKey | TimeKey | None = None,
    unwell: Unwell | None = None,
) -> Page[ListedAutomation]:
    """A page of automations. Three queries: automations, deployments, firings by day."""
    rows = list_rows(narrowing, limit=size + 1, sort=sort, after=after, unwell=unwell)

    def key(row: ListedAutomation) -> NameKey | TimeKey:
        if sort == "name":
            return NameKey(row.name, row.id)
        return TimeKey(row.updated if sort == "updated" else row.last_fired or NEVER, row.id)

    return page_of(_listed(rows, now=now, unwell=unwell), size=size, key=key, first=after is None)


def of_deployment(deployment_id: UUID) -> list[ListedAutomation]:
    """At most 50, by name. Two queries."""
    return _listed(_rows_related_to(f"{_DEPLOYMENT}{deployment_id}", limit=50))


def in_full(automation_id: UUID) -> AutomationInFull | None:
    """Two queries: the automation, the names of its deployments."""
    automation = Automation.objects.filter(pk=automation_id, deleted=None).first()
    if automation is None:
        return None
    ids = stored_documents.deployments_in(automation.related_resources)
    names = deployments.names(ids)
    chosen = [ActionTarget(pk, names.get(pk)) for pk in ids]
    document = stored_documents.document_or_none(automation.document)
    sentence = automation_sentence(document, names.get) if document else UNREADABLE
    return AutomationInFull(automation, sentence, chosen, document)


def _listed(
    rows: Sequence[AutomationRow], *, now: datetime | None = None, unwell: Unwell | None = None
) -> list[ListedAutomation]:
    ids = {pk for row in rows for pk in stored_documents.deployments_in(row.related_resources)}
    names = deployments.names(ids)
    days = [(now - timedelta(days=6 - n)).date() for n in range(7)] if now else []
    fired: dict[UUID, dict[date, int]] = {}
    if rows and now:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        pks = [row.id for row in rows]
        fired = firings.count_by_day(pks, since=midnight - timedelta(days=6))
    return [
        ListedAutomation(
            id=row.id,
            name=row.name,
            enabled=row.enabled,
            shadow=row.shadow,
            guarded=row.guarded,
            quarantine_reason=row.quarantine_reason,
            kind=row.kind,
            sentence=stored_documents.sentence_of(row.document, names),
            updated=row.updated,
            last_fired=None if row.last_fired == NEVER else row.last_fired,
            days=[fired.get(row.id, {}).get(day, 0) for day in days],
            health=_health(row, unwell),
        )
        for row in rows
    ]


def _health(row: AutomationRow, unwell: Unwell | None) -> str:
    """As the list is narrowed by it."""
    if unwell is None or not row.enabled or row.quarantine_reason is not None:
        return ""
    return unwell.health_of(row.id)


def list_rows(
    narrowing: Narrowing,
    *,
    limit: int,
    sort: str = "name",
    after: NameKey | TimeKey | None = None,
    unwell: Unwell | None = None,
) -> Sequence[AutomationRow]:
    """Automations by name, or those updated or fired last first. One query."""
    rows = _with_last_fired(narrowed(narrowing, unwell))
    if isinstance(after, NameKey):
        rows = rows.filter(Q(name__gt=after.name) | Q(name=after.name, id__gt=after.id))
    elif after is not None:
        earlier = Q(**{f"{sort}__lt": after.moment})
        rows = rows.filter(earlier | Q(**{sort: after.moment, "id__lt": after.id}))
    order = ("name", "id") if sort == "name" else (f"-{sort}", "-id")
    if sort == "last_fired":
        # No index has them in this order: all are sorted, but only their ids.
        ids = rows.order_by(*order).values("id")[:limit]
        rows = _with_last_fired(narrowed(Narrowing())).filter(id__in=ids)
    return _automation_rows(rows.order_by(*order), limit=limit)


def matching_ids(narrowing: Narrowing, unwell: Unwell, *, limit: int) -> list[UUID]:
    """Those in the list, by name. One query."""
    rows = narrowed(narrowing, unwell).order_by("name", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def narrowed(narrowing: Narrowing, unwell: Unwell | None = None) -> "QuerySet[Any]":
    """Automations with their `kind` and `status`; health narrows where it is known."""
    rows = Automation.objects.filter(deleted=None).annotate(kind=_KIND, status=_STATUS)
    if words := narrowing.text.split():
        rows = rows.filter(_holds_all(words))
    if narrowing.status:
        rows = rows.filter(status=narrowing.status)
    if narrowing.kind:
        rows = rows.filter(kind=narrowing.kind)
    if narrowing.tag:
        rows = rows.filter(tags__contains=[narrowing.tag])
    if narrowing.owner:
        rows = rows.filter(created_by=narrowing.owner)
    if narrowing.managed:
        rows = rows.annotate(managed=MANAGED_BY).filter(managed=narrowing.managed)
    if unwell is not None and narrowing.health:
        rows = rows.filter(condition_of(narrowing.health, unwell))
    return rows


def _holds_all(words: Sequence[str]) -> Func:
    """In its name, description or document: that holds names of events, labels and tags.

    The text is made once for all words; of ten thousand automations in 30 ms.
    """
    between = Value("\n")  # no word holds it
    parts = "name", between, "description", between, Cast("document", TextField())
    text = Concat(*parts, output_field=TextField())
    patterns = [Upper(Value(f"%{like_literal(word)}%")) for word in words]
    listed = Func(*patterns, template="ARRAY[%(expressions)s]", output_field=_TEXTS)
    return Func(
        Upper(text),
        listed,
        template="%(expressions)s)",
        arg_joiner=" LIKE ALL (",
        output_field=BooleanField(),
    )


def _rows_related_to(resource_id: str, *, limit: int) -> Sequence[AutomationRow]:
    """Those whose actions name a resource, by name. One query."""
    rows = Automation.objects.filter(deleted=None, related_resources__contains=[resource_id])
    rows = rows.annotate(kind=_KIND)
    return _automation_rows(_with_last_fired(rows).order_by("name", "id"), limit=limit)


def _with_last_fired(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    newest = Firing.objects.filter(automation=OuterRef("pk")).order_by("-fired", "-id")
    dated: QuerySet[Any] = rows.annotate(
        last_fired=Coalesce(Subquery(newest.values("fired")[:1]), NEVER)
    )
    return dated


def _automation_rows(rows: "QuerySet[Any]", *, limit: int) -> Sequence[AutomationRow]:
    values = rows.values_list(
        "id",
        "name",
        "enabled",
        "quarantine_reason",
        "kind",
        "document",
        "related_resources",
        "guarded",
        "updated",
        "last_fired",
    )[:limit]
    return [AutomationRow(*row) for row in values]


def named_like(text: str, *, limit: int) -> Sequence[tuple[UUID, str]]:
    """Id and name of those whose name holds each word of a text, by name. One query."""
    rows = Automation.objects.filter(deleted=None)
    for word in text.split():
        rows = rows.filter(name__icontains=word)
    return list(rows.order_by("name", "id").values_list("id", "name")[:limit])


def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those that exist. One query, none for no ids."""
    rows = Automation.objects.filter(pk__in=ids, deleted=None).values_list("id", "name")
    return dict(rows) if ids else {}
