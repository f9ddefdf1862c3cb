"""Which events someone asks for: Prefect's EventFilter, as a document and as a test. Pure.

`accepts` and the SQL of events_app.reads.event_pages mean the same; a property test keeps
them together. Empty lists and null restrict nothing, except an empty list of label values,
which nothing matches.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE, Event
from events_app.domain.parsing import in_utc
from events_app.domain.text_query import TextQuery, ascii_lower

Resource = Mapping[str, str]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("A text cannot hold the character NUL.")
    return text


def _utc(moment: datetime) -> datetime:
    try:
        return in_utc(moment)
    except OverflowError:
        raise ValueError("In UTC this is outside the years 1 to 9999.") from None


Text = Annotated[str, AfterValidator(_storable)]
Moment = Annotated[datetime, AfterValidator(_utc)]
Labels = dict[Text, Text | list[Text]]


class Order(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


class FilterDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OccurredFilter(FilterDocument):
    """Both ends belong to the range; without them it is open."""

    since: Moment | None = None
    until: Moment | None = None

    def accepts(self, event: Event) -> bool:
        if self.since is not None and event.occurred < self.since:
            return False
        return self.until is None or event.occurred <= self.until


class NameFilter(FilterDocument):
    prefix: list[Text] | None = None
    exclude_prefix: list[Text] | None = None
    name: list[Text] | None = None
    exclude_name: list[Text] | None = None

    def accepts(self, event: Event) -> bool:
        name = event.event
        if self.prefix and not name.startswith(tuple(self.prefix)):
            return False
        if self.exclude_prefix and name.startswith(tuple(self.exclude_prefix)):
            return False
        if self.name and name not in self.name:
            return False
        return not (self.exclude_name and name in self.exclude_name)


class LabelTest:
    """The values asked of one label: exact or, with `*` at the end, a prefix; `!` negates.

    The label must exist, one of the plain values must match, and none of the negated.
    """

    def __init__(self, values: str | Iterable[str]) -> None:
        self.values = [values] if isinstance(values, str) else list(values)
        plain = [value for value in self.values if not value.startswith("!")]
        negated = [value[1:] for value in self.values if value.startswith("!")]
        self.exact, self.prefixes = _split(plain)
        self.not_exact, self.not_prefixes = _split(negated)

    def accepts(self, value: str | None) -> bool:
        if value is None or not self.values:
            return False
        if value in self.not_exact or value.startswith(tuple(self.not_prefixes)):
            return False
        if not self.exact and not self.prefixes:
            return True
        return value in self.exact or value.startswith(tuple(self.prefixes))


def _split(values: Iterable[str]) -> tuple[list[str], list[str]]:
    exact, prefixes = [], []
    for value in values:
        if value.endswith("*"):
            prefixes.append(value.rstrip("*"))
        else:
            exact.append(value)
    return exact, prefixes


class _OneResource(FilterDocument):
    """What a single resource must have, all at once."""

    id: list[Text] | None = None
    labels: Labels | None = None

    def accepts_resource(self, resource: Resource) -> bool:
        if self.id and resource.get(RESOURCE_ID) not in self.id:
            return False
        tests = (self.labels or {}).items()
        return all(LabelTest(values).accepts(resource.get(label)) for label, values in tests)


class AnyResourceFilter(_OneResource):
    """Some resource of the event, its own or a related one."""

    id_prefix: list[Text] | None = None

    def accepts_resource(self, resource: Resource) -> bool:
        id_ = resource.get(RESOURCE_ID, "")
        if self.id_prefix and not id_.startswith(tuple(self.id_prefix)):
            return False
        return super().accepts_resource(resource)

    def accepts(self, event: Event) -> bool:
        return any(map(self.accepts_resource, [event.resource, *event.related]))


class ResourceFilter(AnyResourceFilter):
    """The event's own resource. `distinct`: only the first event of each, in the order asked."""

    distinct: bool = False

    def accepts(self, event: Event) -> bool:
        return self.accepts_resource(event.resource)


class RelatedFilter(_OneResource):
    role: list[Text] | None = None
    resources_in_roles: list[tuple[Text, Text]] | None = None

    def accepts_resource(self, resource: Resource) -> bool:
        role = resource.get(RESOURCE_ROLE, "")
        if self.role and role not in self.role:
            return False
        pair = (resource.get(RESOURCE_ID, ""), role)
        if self.resources_in_roles and pair not in self.resources_in_roles:
            return False
        return super().accepts_resource(resource)

    @property
    def is_empty(self) -> bool:
        return not (self.role or self.resources_in_roles or self.id or self.labels)

    def accepts(self, event: Event) -> bool:
        return self.is_empty or any(map(self.accepts_resource, event.related))


class IdFilter(FilterDocument):
    id: list[UUID] | None = None

    def accepts(self, event: Event) -> bool:
        return not self.id or event.id in self.id


class TextFilter(FilterDocument):
    """Words in the name, the values of labels, or the payload, whatever their case (of A to Z)."""

    query: Annotated[Text, Field(max_length=200)]

    def accepts(self, event: Event) -> bool:
        values = (value for one in (event.resource, *event.related) for value in one.values())
        # No term holds NUL, so that none begins in one text and ends in the next.
        text = "\0".join((event.event, *values, bytes(event.payload).decode()))
        return TextQuery.parse(self.query).accepts(ascii_lower(text))


Part = (
    OccurredFilter
    | NameFilter
    | ResourceFilter
    | RelatedFilter
    | AnyResourceFilter
    | IdFilter
    | TextFilter
)


class EventFilter(FilterDocument):
    """All parts must accept an event; several `related` or `any_resource` too."""

    occurred: OccurredFilter | None = None
    event: NameFilter | None = None
    resource: ResourceFilter | None = None
    related: RelatedFilter | list[RelatedFilter] | None = None
    any_resource: AnyResourceFilter | list[AnyResourceFilter] | None = None
    id: IdFilter | None = None
    text: TextFilter | None = None
    order: Order | None = None

    def parts(self) -> list[Part]:
        parts: list[Part] = []
        for part in (self.occurred, self.event, self.resource, self.id, self.text):
            if part is not None:
                parts.append(part)
        for several in (self.related, self.any_resource):
            if isinstance(several, list):
                parts += several
            elif several is not None:
                parts.append(several)
        return parts

    def accepts(self, event: Event) -> bool:
        return all(part.accepts(event) for part in self.parts())

    @property
    def distinct(self) -> bool:
        return self.resource is not None and self.resource.distinct

    @property
    def names(self) -> frozenset[str] | None:
        """The only names that it accepts, if they are so few that they are listed."""
        return frozenset(self.event.name) if self.event and self.event.name else None

    @property
    def only_names(self) -> bool:
        """Whether nothing but the event's name matters."""
        return all(isinstance(part, NameFilter) for part in self.parts())
