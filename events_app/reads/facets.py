"""What the newest events of a list are: their names, labels and related resources, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec

from events_app.domain.event import RESOURCE_ID, from_ms
from events_app.domain.filters import EventFilter
from events_app.domain.position import Position
from events_app.reads.events import PATIENCE_SECONDS
from events_app.reads.time_limits import time_limit
from events_app.storage.filter_sql import where
from events_app.storage.stored_events import query_rows

LOOKED_AT = 1_000
MOST_VALUES = 6
MOST_LABELS = 4
_SAMPLE = """
    SELECT event, resource, related, log_ms, log_seq, frame_index FROM event WHERE {condition}
    ORDER BY occurred DESC, log_ms DESC, log_seq DESC, frame_index DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class FacetCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class LabelFacet:
    """`distinct`: how many values the label has among the events looked at."""

    name: str
    distinct: int
    values: list[FacetCount]


@dataclass(frozen=True, slots=True)
class Facets:
    """Of `looked_at` events; `complete`: these are all that match."""

    looked_at: int
    complete: bool
    names: list[FacetCount]
    labels: list[LabelFacet]
    related: list[FacetCount]
    positions: Sequence[Position]

    @property
    def received(self) -> tuple[datetime, datetime] | None:
        """When the first and the last of them were received."""
        times = [position.ms for position in self.positions]
        return (from_ms(min(times)), from_ms(max(times))) if times else None


def facets(filter: EventFilter) -> Facets:
    """Of the newest 1,000 that match. One query for them, one for its limit of time.

    Raises QueryTooSlow.
    """
    condition = where(filter)
    query = _SAMPLE.format(condition=condition.text)
    with time_limit(PATIENCE_SECONDS):
        rows = query_rows(query, [*condition.params, LOOKED_AT + 1])
    sample = rows[:LOOKED_AT]
    resources = [msgspec.json.decode(row[1], type=dict[str, str]) for row in sample]
    related = [msgspec.json.decode(row[2], type=list[dict[str, str]]) for row in sample]
    return Facets(
        looked_at=len(sample),
        complete=len(rows) <= LOOKED_AT,
        names=_most(Counter(row[0] for row in sample)),
        labels=_labels(resources),
        related=_most(_related(related)),
        positions=[Position(*row[3:]) for row in sample],
    )


def _most(counts: "Counter[str]") -> list[FacetCount]:
    return [FacetCount(value, count) for value, count in counts.most_common(MOST_VALUES)]


def _labels(resources: list[dict[str, str]]) -> list[LabelFacet]:
    """The labels whose values divide the events: neither one for all nor one for each."""
    counts: dict[str, Counter[str]] = {}
    for resource in resources:
        for name, value in resource.items():
            if name != RESOURCE_ID:
                counts.setdefault(name, Counter())[value] += 1
    telling = [
        LabelFacet(name, len(values), _most(values))
        for name, values in counts.items()
        if _divides(values)
    ]
    telling.sort(key=lambda facet: (-sum(counts[facet.name].values()), facet.name))
    return list(islice(telling, MOST_LABELS))


def _divides(values: "Counter[str]") -> bool:
    """Whether the listed values are a fifth of all, so that a click on one says something."""
    most = values.most_common(MOST_VALUES)
    return most[0][1] > 1 and sum(count for _, count in most) * 5 >= values.total()


def _related(related: list[list[dict[str, str]]]) -> "Counter[str]":
    """An event that has a resource in two roles counts once."""
    return Counter(
        identity
        for resources in related
        for identity in {one.get(RESOURCE_ID, "") for one in resources} - {""}
    )
