"""EventFilter and SearchFilter as a WHERE clause. The same meaning as `accepts`, kept by a test."""

import json
import re
from functools import singledispatch
from itertools import product
from math import prod
from typing import Any, NamedTuple

from events_app.domain.event import RESOURCE_ID, RESOURCE_ROLE
from events_app.domain.filters import (
    AnyResourceFilter,
    EventFilter,
    IdFilter,
    LabelTest,
    NameFilter,
    OccurredFilter,
    RelatedFilter,
    ResourceFilter,
    TextFilter,
)
from events_app.domain.search_filters import (
    NUMBER,
    AnyOf,
    NoneOf,
    PayloadFilter,
    PlaceFilter,
    SearchPart,
)
from events_app.domain.text_query import TextQuery
from events_app.storage.stored_events import AT_PLACES, place_params
from project.lib.sql_like import like_literal


class Sql(NamedTuple):
    """A condition with `%s` for its parameters."""

    text: str
    params: list[Any]


TRUE = Sql("TRUE", [])
# More alternatives than these are looked for one event after the other.
_MOST_CONTAINED = 20
_IN_TEXTS = """
    position(%s IN lower(event COLLATE "C")) > 0 OR position(%s IN lower(payload COLLATE "C")) > 0
    OR EXISTS (SELECT FROM jsonb_each_text(resource) AS label
               WHERE position(%s IN lower(label.value COLLATE "C")) > 0)
    OR EXISTS (SELECT FROM jsonb_array_elements(related) AS every(one),
                           jsonb_each_text(every.one) AS label
               WHERE position(%s IN lower(label.value COLLATE "C")) > 0)
"""
# What is not in here is in none of them; it is looked for at a fraction of the cost.
_IN_ALL = """
    position(%s IN lower((event || resource::text || related::text || payload) COLLATE "C")) > 0
"""
# JSON as it came: jsonb would not take every number.
_VALUE = "(payload::json #>> %s::text[])"
_KIND = "json_typeof(payload::json #> %s::text[])"
_ESCAPED_IN_JSON = re.compile(r'["\\\x00-\x1f\x7f]')


def where(filter: EventFilter) -> Sql:
    return _all([_condition(part) for part in filter.parts()])


@singledispatch
def _condition(part: SearchPart) -> Sql:
    raise NotImplementedError(type(part))


@_condition.register
def _(part: OccurredFilter) -> Sql:
    conditions = []
    if part.since is not None:
        conditions.append(Sql("occurred >= %s", [part.since]))
    if part.until is not None:
        conditions.append(Sql("occurred <= %s", [part.until]))
    return _all(conditions)


@_condition.register
def _(part: NameFilter) -> Sql:
    return name_condition(part)


def name_condition(part: NameFilter) -> Sql:
    """Also of `event_count`, which has the same column."""
    conditions = []
    if part.prefix:
        conditions.append(_prefixed("event", part.prefix))
    if part.exclude_prefix:
        conditions.append(_not(_prefixed("event", part.exclude_prefix)))
    if part.name:
        conditions.append(Sql("event = ANY(%s)", [part.name]))
    if part.exclude_name:
        conditions.append(Sql("event <> ALL(%s)", [part.exclude_name]))
    return _all(conditions)


def newest_of_name(name: str, condition: str = "TRUE") -> str:
    """Of events `e`, those of a name that stands in another table, the newest first.

    Of `event = name` PostgreSQL would expect as many as of any name and read all events from the
    newest on until there is one: of a rare name it would read nearly all there are. In this order
    only the index on names and times has them.
    """
    return f"""WHERE e.event >= {name} AND e.event <= {name} AND {condition}
               ORDER BY e.event DESC, e.occurred DESC"""


@_condition.register
def _(part: ResourceFilter) -> Sql:
    # What the index answers is not said twice: PostgreSQL would take it for twice as rare, and
    # read all that match instead of the newest.
    contained = _contained("resource", part, {})
    conditions = [*contained, _labels("resource", part, but_exact=bool(contained))]
    if part.id:
        conditions.append(Sql("resource_id = ANY(%s)", [part.id]))
    if part.id_prefix:
        conditions.append(_prefixed("resource_id", part.id_prefix))
    return _all(conditions)


@_condition.register
def _(part: AnyResourceFilter) -> Sql:
    conditions = [_labels("one", part), *_ids(part)]
    if part.id_prefix:
        conditions.append(_prefixed(f"(one->>'{RESOURCE_ID}')", part.id_prefix))
    some = _some("jsonb_array_elements(related || jsonb_build_array(resource))", _all(conditions))
    ids = {RESOURCE_ID: part.id or []}
    own, related = (_contained(column, part, ids) for column in ("resource", "related"))
    return _all([_any([*own, *related]), some]) if own else some


@_condition.register
def _(part: RelatedFilter) -> Sql:
    if part.is_empty:
        return TRUE
    conditions = [_labels("one", part), *_ids(part)]
    if part.role:
        conditions.append(Sql(f"one->>'{RESOURCE_ROLE}' = ANY(%s)", [part.role]))
    if part.resources_in_roles:
        pair = f"one->>'{RESOURCE_ID}' = %s AND one->>'{RESOURCE_ROLE}' = %s"
        conditions.append(_any([Sql(pair, [*both]) for both in part.resources_in_roles]))
    some = _some("jsonb_array_elements(related)", _all(conditions))
    more = {RESOURCE_ID: part.id or [], RESOURCE_ROLE: part.role or []}
    return _all([*_contained("related", part, more), some])


@_condition.register
def _(part: IdFilter) -> Sql:
    return Sql("id = ANY(%s)", [part.id]) if part.id else TRUE


@_condition.register
def _(part: TextFilter) -> Sql:
    query = TextQuery.parse(part.query)
    include = [_contains(term) for term in query.include]
    required = [_contains(term) for term in query.required]
    exclude = [_not(_contains(term)) for term in query.exclude]
    return _all([*([_any(include)] if include else []), *required, *exclude])


@_condition.register
def _(part: AnyOf) -> Sql:
    return _joined(" OR ", [_condition(one) for one in part.either])


@_condition.register
def _(part: NoneOf) -> Sql:
    if not part.neither:
        return TRUE
    either = _joined(" OR ", [_condition(one) for one in part.neither])
    # A label that is missing makes a condition NULL, which is not TRUE either.
    return Sql(f"({either.text}) IS NOT TRUE", either.params)


@_condition.register
def _(part: PlaceFilter) -> Sql:
    if not part.places:
        return Sql("FALSE", [])
    return Sql(AT_PLACES, place_params(part.places))


@_condition.register
def _(part: PayloadFilter) -> Sql:
    conditions = []
    if part.comparison == "=":
        prefix = part.value.endswith("*")
        text = f"starts_with({_VALUE}, %s)" if prefix else f"{_VALUE} = %s"
        value = part.value.rstrip("*") if prefix else part.value
        conditions.append(_of_kind("string", part, Sql(text, [list(part.path), value])))
        if part.value in ("true", "false"):
            equal = Sql(f"{_VALUE} = %s", [list(part.path), part.value])
            conditions.append(_of_kind("boolean", part, equal))
    if part.number is not None:
        # Digits without end could not be compared.
        compared = Sql(
            f"CASE WHEN {_VALUE} ~ %s THEN {_VALUE}::numeric {part.comparison} %s::numeric END",
            [list(part.path), f"^({NUMBER})$", list(part.path), str(part.number)],
        )
        conditions.append(_of_kind("number", part, compared))
    if not conditions:
        return Sql("FALSE", [])
    either = _joined(" OR ", conditions)
    last = part.path[-1]
    if re.fullmatch(r"[\w ]*[A-Za-z_][\w ]*", last, re.ASCII):
        # Most payloads do not hold the name; a text is looked through faster than JSON is read.
        holds = Sql("strpos(payload, %s) > 0 OR strpos(payload, '\\') > 0", [json.dumps(last)])
        return Sql(
            f"CASE WHEN {holds.text} THEN {either.text} ELSE FALSE END",
            [*holds.params, *either.params],
        )
    return either


def _of_kind(kind: str, part: PayloadFilter, then: Sql) -> Sql:
    """Evaluated in this order, whatever the planner thinks of it."""
    return Sql(
        f"CASE WHEN {_KIND} = '{kind}' THEN {then.text} ELSE FALSE END",
        [list(part.path), *then.params],
    )


def _contained(
    column: str,
    part: AnyResourceFilter | RelatedFilter | ResourceFilter,
    more: dict[str, list[str]],
) -> list[Sql]:
    """What the index on labels can answer: that the column holds one of these sets of labels.

    It says no more than the conditions that it stands beside.
    """
    tests = {label: LabelTest(values) for label, values in (part.labels or {}).items()}
    exact = {label: test.exact for label, test in tests.items() if not test.prefixes}
    labels = {label: values for label, values in (exact | more).items() if values}
    # A label that is asked twice, as a label and as the id, would say less than one of them.
    alternatives = prod(map(len, labels.values()))
    if not labels or set(exact) & set(more) or alternatives > _MOST_CONTAINED:
        return []
    sets = [dict(zip(labels, values, strict=True)) for values in product(*labels.values())]
    documents = [json.dumps([one] if column == "related" else one) for one in sets]
    return [_any([Sql(f"{column} @> %s::jsonb", [document]) for document in documents])]


def _contains(term: str) -> Sql:
    exact = Sql(_IN_TEXTS, [term] * 4)
    if _ESCAPED_IN_JSON.search(term):
        return exact
    return _all([Sql(_IN_ALL, [term]), exact])


def _ids(part: AnyResourceFilter | RelatedFilter) -> list[Sql]:
    return [Sql(f"one->>'{RESOURCE_ID}' = ANY(%s)", [part.id])] if part.id else []


def _labels(
    column: str, part: AnyResourceFilter | RelatedFilter, *, but_exact: bool = False
) -> Sql:
    tests = {label: LabelTest(values) for label, values in (part.labels or {}).items()}
    return _all(
        [
            _label(column, label, test)
            for label, test in tests.items()
            if not (but_exact and test.exact and test.values == test.exact)
        ]
    )


def _label(column: str, label: str, test: LabelTest) -> Sql:
    if not test.values:
        return Sql("FALSE", [])
    value = f"({column}->>%s)"
    conditions = []  # none is true of a label that is missing: its value is NULL
    condition = _either(value, label, test.exact, test.prefixes)
    excluded = _either(value, label, test.not_exact, test.not_prefixes)
    if condition is not None:
        conditions.append(condition)
    if excluded is not None:
        conditions.append(_not(excluded))
    return _all(conditions)


def _either(value: str, label: str, exact: list[str], prefixes: list[str]) -> Sql | None:
    conditions = []
    if exact:
        conditions.append(Sql(f"{value} = ANY(%s)", [label, exact]))
    conditions += [Sql(f"starts_with({value}, %s)", [label, prefix]) for prefix in prefixes]
    return _any(conditions) if conditions else None


def _prefixed(column: str, prefixes: list[str]) -> Sql:
    # LIKE, because with a constant it becomes a range of an index.
    return _any([Sql(f"{column} LIKE %s", [f"{like_literal(prefix)}%"]) for prefix in prefixes])


def _some(elements: str, condition: Sql) -> Sql:
    text = f"EXISTS (SELECT FROM {elements} AS every(one) WHERE {condition.text})"
    return Sql(text, condition.params)


def _not(condition: Sql) -> Sql:
    return Sql(f"NOT ({condition.text})", condition.params)


def _all(conditions: list[Sql]) -> Sql:
    return _joined(" AND ", conditions) if conditions else TRUE


def _any(conditions: list[Sql]) -> Sql:
    return _joined(" OR ", conditions)


def _joined(word: str, conditions: list[Sql]) -> Sql:
    text = word.join(f"({condition.text})" for condition in conditions)
    return Sql(text, [param for condition in conditions for param in condition.params])
