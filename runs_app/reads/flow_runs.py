"""Flow runs: the API's documents, lists and pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from project.lib.json_documents import Document
from project.lib.paging import Page, fingerprint, page_of
from project.lib.process_memory import process_memory
from project.lib.ttl_cache import TtlCache
from runs_app.domain.states import TERMINAL, StateType
from runs_app.models import Deployment, FlowRun, FlowRunState
from runs_app.reads import filters
from runs_app.reads.documents import flow_run_document, state_document
from runs_app.storage import deployments as deployment_storage


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of a list of runs."""

    id: UUID
    name: str
    flow_name: str
    deployment_id: UUID | None
    deployment_name: str | None
    state_type: str | None
    state_name: str | None
    created: datetime
    start_time: datetime | None
    end_time: datetime | None

    @property
    def took(self) -> float | None:
        """Seconds; None while it has not both begun and ended."""
        if self.start_time is None or self.end_time is None:
            return None
        return (self.end_time - self.start_time).total_seconds()


_RUN = (
    "id", "name", "flow__name", "deployment_id", "deployment__name",
    "state_type", "state_name", "created", "start_time", "end_time",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunInFull:
    """A run with its states, in order."""

    run: FlowRun
    states: list[FlowRunState]

    @property
    def finished(self) -> bool:
        return self.run.state_type in TERMINAL

    @property
    def seen(self) -> str:
        states = [state.id for state in self.states]
        return fingerprint((self.run.state_type, self.run.state_name, states))


@dataclass(frozen=True, slots=True)
class RunList:
    page: Page[RunRow]
    counts: dict[str, int]


MOST_DEPLOYMENTS = 20  # that a search for runs looks into
MAX_STATES = 200
MANY = 10_000
MANY_KEPT_SECONDS = 60.0
COMPLETED = StateType.COMPLETED.value
_OTHERS = [one.value for one in StateType if one is not StateType.COMPLETED]


def document(run_id: UUID, *, now: datetime) -> Document:
    """Two queries. Raises FlowRun.DoesNotExist."""
    run = FlowRun.objects.select_related("work_pool").get(pk=run_id)
    return documents_of([run], now=now)[0]


def documents_by_id(ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Document]:
    """Two queries."""
    runs = FlowRun.objects.filter(pk__in=list(ids)).select_related("work_pool")
    return {document["id"]: document for document in documents_of(runs, now=now)}


def documents(
    scope: Any, *, sort: str = "ID_DESC", limit: int = 200, offset: int = 0, now: datetime
) -> list[Document]:
    """Two queries: a page of runs, their current states."""
    page = filters.runs(scope).order_by(*filters.RUN_ORDER[sort]).select_related("work_pool")
    return documents_of(page[offset : offset + limit], now=now)


def state_documents(run_id: UUID) -> list[Document]:
    """The last 200 states of a run, the oldest first. One query."""
    rows = FlowRunState.objects.filter(flow_run_id=run_id).order_by("-timestamp", "-id")
    return [state_document(state) for state in reversed(rows[:MAX_STATES])]


def state_document_by_id(state_id: UUID) -> Document:
    """Raises FlowRunState.DoesNotExist."""
    return state_document(FlowRunState.objects.get(pk=state_id))


def documents_of(page: "QuerySet[FlowRun] | Sequence[FlowRun]", *, now: datetime) -> list[Document]:
    runs = list(page)
    states = FlowRunState.objects.in_bulk([run.state_id for run in runs if run.state_id])
    return [
        flow_run_document(run, states.get(run.state_id) if run.state_id else None, now=now)
        for run in runs
    ]


def newest(*, size: int) -> Page[RunRow]:
    """The newest runs. One query."""
    return page_of_runs(run_rows(limit=size + 1), size=size, first=True)


def page(
    *,
    size: int,
    now: datetime,
    after: UUID | None = None,
    state_types: Collection[str] = (),
    text: str = "",
    deployment_id: UUID | None = None,
) -> RunList:
    """A page of runs, the newest first, with counts by state. Three queries at most."""
    ids: list[UUID] | None = None
    if deployment_id is not None:
        ids = [deployment_id]
    elif text:
        ids = _deployment_ids(text, limit=MOST_DEPLOYMENTS)
    rows = run_rows(limit=size + 1, before=after, state_types=state_types, deployment_ids=ids)
    counts = _count_all(now) if ids is None else count_by_state(ids)
    return RunList(page_of_runs(rows, size=size, first=after is None), counts)


def run_rows(
    *,
    limit: int,
    before: UUID | None = None,
    state_types: Collection[str] = (),
    deployment_ids: Collection[UUID] | None = None,
) -> Sequence[RunRow]:
    """The newest runs, those before a place; ids grow with time. One query.

    The candidates of each state and deployment come out of its index in order, so that a rare
    state costs no more than a frequent one.
    """
    rows = FlowRun.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    choices = _choices(state_types, deployment_ids)
    if choices:
        parts = [rows.filter(choice).values("id")[:limit] for choice in choices]
        ids = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        rows = FlowRun.objects.order_by("-id").filter(id__in=ids)
    elif choices is not None:
        return []
    return [RunRow(*row) for row in rows.values_list(*_RUN)[:limit]]


def _deployment_ids(text: str, *, limit: int) -> list[UUID]:
    """Deployments whose name, or whose flow's name, holds a text. One query."""
    rows = deployment_storage.with_text(text).order_by("name", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def _choices(
    state_types: Collection[str], deployment_ids: Collection[UUID] | None
) -> list[Q] | None:
    """What an index is asked for, one at a time; None when nothing is asked."""
    if deployment_ids is not None:
        states = Q(state_type__in=list(state_types)) if state_types else Q()
        return [Q(deployment_id=pk) & states for pk in deployment_ids]
    return [Q(state_type=name) for name in state_types] or None


def _count_all(now: datetime) -> dict[str, int]:
    """How many of all runs are in each type of state. One query.

    Most have completed: where these are ten thousand, their number is as it was up to a minute ago.
    """
    completed = _memory().get(COMPLETED, now=now)
    rows = FlowRun.objects.all()
    if completed is not None:
        rows = rows.filter(Q(state_type__in=_OTHERS) | Q(state_type=None))
    counts = _counted(rows)
    if completed is not None:
        counts[COMPLETED] = completed
    elif counts.get(COMPLETED, 0) >= MANY:
        _memory().ask(COMPLETED, lambda: counts[COMPLETED], now=now)
    return counts


def count_by_state(deployment_ids: Collection[UUID]) -> dict[str, int]:
    """How many runs of these deployments are in each type of state. One query."""
    return _counted(FlowRun.objects.filter(deployment_id__in=list(deployment_ids)))


def _counted(rows: "QuerySet[FlowRun]") -> dict[str, int]:
    counted = rows.order_by().values_list("state_type").annotate(total=Count("id"))
    return {name or "": total for name, total in counted}


@process_memory
def _memory() -> TtlCache:
    """Of this process."""
    return TtlCache(seconds=MANY_KEPT_SECONDS, most=1)


def in_full(run_id: UUID) -> RunInFull | None:
    """Two queries: the run, its states."""
    runs = FlowRun.objects.select_related("flow", "deployment", "work_pool")
    run = runs.filter(pk=run_id).first()
    return None if run is None else RunInFull(run, _states_of(run_id))


def states_by_id(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """`name`, `state_type`, `state_name` of runs that exist. One query, none for no ids."""
    rows = FlowRun.objects.filter(pk__in=ids).values("id", "name", "state_type", "state_name")
    return {row["id"]: dict(row) for row in rows}


def parameters_by_id(ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Parameters of runs that exist. One query, none for no ids."""
    return dict(FlowRun.objects.filter(pk__in=ids).values_list("id", "parameters"))


def _states_of(run_id: UUID) -> list[FlowRunState]:
    """Its states, the first one first. One query."""
    return list(FlowRunState.objects.filter(flow_run_id=run_id).order_by("timestamp", "id"))


def last_of_deployments(deployment_ids: Collection[UUID]) -> dict[UUID, RunRow]:
    """The newest run of each deployment that has one. One query."""
    newest = FlowRun.objects.filter(deployment_id=OuterRef("id")).order_by("-id")
    ids = Deployment.objects.filter(id__in=list(deployment_ids)).values_list(
        Subquery(newest.values("id")[:1]), flat=True
    )
    rows = [RunRow(*row) for row in FlowRun.objects.filter(id__in=ids).values_list(*_RUN)]
    return {row.deployment_id: row for row in rows if row.deployment_id}


def page_of_runs(rows: Any, *, size: int, first: bool) -> Page[RunRow]:
    return page_of(rows, size=size, key=_place, state=_state, first=first)


def _place(row: RunRow) -> UUID:
    return row.id


def _state(row: RunRow) -> tuple[Any, ...]:
    return (row.name, row.state_type, row.state_name, row.end_time)
