"""What triggers ask of single events, as conditions that PostgreSQL's indexes can answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import NamePatterns
from events_app.storage.filter_sql import TRUE, Sql
from project.lib.sql_like import like_literal
from triggers_app.automation.engine.evaluator import IGNORED_NAME
from triggers_app.automation.engine.selection import Selection, shortest_prefixes
from triggers_app.automation.triggers import MetricTrigger, Trigger, for_each_of

# More conditions than this are tested faster by the engine than by PostgreSQL.
MAX_SELECTIONS = 20
MAX_VALUES = 200
_FALSE = Sql("FALSE", [])
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Interest:
    """The leaves of some triggers. None: too many to tell PostgreSQL.

    `payload`: one reads it. `related` is False where nobody does, neither a trigger nor a reader.
    """

    selections: tuple[Selection, ...] | None
    payload: bool = False
    related: bool = True

    @classmethod
    def of(cls, triggers: Iterable[Trigger]) -> "Interest":
        leaves = [leaf for trigger in triggers for leaf in trigger.leaves]
        # Lateness reads the scheduled time out of a payload; nothing else looks into one.
        payload = any(
            isinstance(leaf, MetricTrigger) and leaf.metric.name == "lateness" for leaf in leaves
        )
        if len(leaves) > MAX_SELECTIONS:
            return cls(None, payload)
        return cls(tuple(Selection.of(leaf) for leaf in leaves), payload)

    @classmethod
    def barely(cls, trigger: Trigger) -> "Interest":
        """`of` one trigger, where no reader wants more of an event than the trigger does."""
        reads = any(
            leaf.related_specifications
            or any(label.startswith("related:") for label in for_each_of(leaf))
            for leaf in trigger.leaves
        )
        return replace(cls.of([trigger]), related=reads)


EVERYTHING = Interest(None, payload=True)


def interest_condition(interest: Interest) -> Sql:
    """Every event that a trigger may want meets it; TRUE when it would narrow nothing."""
    if interest.selections is None:
        return TRUE
    return _any([_selection(selection) for selection in interest.selections])


def interest_names(interest: Interest) -> Sql:
    """The conditions on names alone, which `event_count` can answer."""
    if interest.selections is None:
        return TRUE
    return _any([_names(selection.names) for selection in interest.selections])


def _selection(selection: Selection) -> Sql:
    names = _names(selection.names)
    if names == TRUE:
        names = Sql("event <> %s", [IGNORED_NAME])
    return _all([names, _key(selection)])


def _names(names: NamePatterns) -> Sql:
    if names.every:
        return TRUE
    conditions = [_prefixed("event", prefix) for prefix in shortest_prefixes(names.prefixes)]
    if names.literals:
        conditions.append(Sql("event = ANY(%s)", [sorted(names.literals)]))
    return _any(conditions)


def _key(selection: Selection) -> Sql:
    """The condition by which the engine's index finds the trigger, too."""
    values = list(selection.values)
    if selection.by == "" or len(values) > MAX_VALUES:
        return TRUE
    if selection.by == "prefix":
        return _any([_prefixed("resource_id", prefix) for prefix in values])
    if selection.by == "related":
        return _any([Sql("related @> %s::jsonb", [_one_of(value)]) for value in values])
    if selection.label == RESOURCE_ID:
        return Sql("resource_id = ANY(%s)", [values])
    return Sql("resource->>%s::text = ANY(%s)", [selection.label, values])


def _one_of(resource_id: str) -> str:
    return _json([{RESOURCE_ID: resource_id}]).decode()


def _prefixed(column: str, prefix: str) -> Sql:
    # LIKE, because with a constant it becomes a range of an index.
    if not prefix:
        return TRUE
    return Sql(f"{column} LIKE %s", [f"{like_literal(prefix)}%"])


def _all(conditions: Sequence[Sql]) -> Sql:
    narrowing = [condition for condition in conditions if condition != TRUE]
    return _joined(" AND ", narrowing) if narrowing else TRUE


def _any(conditions: Sequence[Sql]) -> Sql:
    if not conditions:
        return _FALSE
    return TRUE if TRUE in conditions else _joined(" OR ", conditions)


def _joined(word: str, conditions: Sequence[Sql]) -> Sql:
    if len(conditions) == 1:
        return conditions[0]
    text = "(" + word.join(condition.text for condition in conditions) + ")"
    return Sql(text, [param for condition in conditions for param in condition.params])
