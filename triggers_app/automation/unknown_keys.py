"""Keys of an automation that nobody knows: carried along, and told. Pure.

Labels, parameters and job variables have names of their own: those are free.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from project.lib.problems import Loc
from triggers_app.automation.actions import keys_of_action, kind_of_action
from triggers_app.automation.document import AutomationDocument, FlintOptions, actions_in, document
from triggers_app.automation.near_keys import MOST_LETTERS, Comparing
from triggers_app.automation.triggers import TRIGGERS, MetricQuery, kind_of
from triggers_app.automation.unknown_values import UNKNOWN

_MAX_DEPTH = 64
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("event", "events", "event_name", "event_names"), "expect"),
        **dict.fromkeys(("expect_event", "expect_events", "expected_events", "on"), "expect"),
        **dict.fromkeys(("window", "time_window", "timeframe", "within_seconds"), "within"),
        **dict.fromkeys(("duration", "period", "timeout"), "within"),
        **dict.fromkeys(("count", "times", "min_count", "at_least"), "threshold"),
        **dict.fromkeys(("filter", "filters", "where", "matching", "match_resource"), "match"),
        **dict.fromkeys(("related", "related_filter", "related_resources"), "match_related"),
        **dict.fromkeys(("group_by", "partition_by", "per", "for_every"), "for_each"),
        **dict.fromkeys(("children", "sub_triggers", "all_of", "any_of"), "triggers"),
        **dict.fromkeys(("kind", "trigger_type", "action_type"), "type"),
        **dict.fromkeys(("params", "param", "args", "arguments", "inputs"), "parameters"),
        **dict.fromkeys(("job_vars", "infra_overrides", "variables"), "job_variables"),
        **dict.fromkeys(("delay", "start_after", "run_after"), "schedule_after"),
        **dict.fromkeys(("active", "is_active"), "enabled"),
        **dict.fromkeys(("deployment", "deployment_uuid"), "deployment_id"),
        **dict.fromkeys(("block", "block_id"), "block_document_id"),
        **dict.fromkeys(("work_pool", "pool_id"), "work_pool_id"),
        **dict.fromkeys(("work_queue", "queue_id"), "work_queue_id"),
        **dict.fromkeys(("automation",), "automation_id"),
        **dict.fromkeys(("text", "content"), "body"),
        **dict.fromkeys(("desc",), "description"),
        **dict.fromkeys(("title",), "name"),
        **dict.fromkeys(("action", "then"), "actions"),
        **dict.fromkeys(("label", "labels"), "tags"),
    }
)
"""Other words for keys; each counts only where its key is known."""


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """`loc` ends with the key; `meant` is the known key that it looks like.

    `what` says in words what it is not. `refused` keys make no automation at all; `ignored`
    ones are kept and do nothing.
    """

    loc: Loc
    what: str
    meant: str | None
    refused: bool = False
    ignored: bool = True

    @property
    def key(self) -> str:
        return str(self.loc[-1])

    @property
    def sentence(self) -> str:
        words = " ".join(self.key.split())
        words = words if len(words) <= MOST_LETTERS else f"{words[:MOST_LETTERS]}…"
        effect = " and has no effect" if self.ignored and not self.refused else ""
        hint = "" if self.meant is None else f" Did you mean `{self.meant}`?"
        return f"`{words}` is not {self.what}{effect}.{hint}"

    @property
    def holder(self) -> Loc:
        """The place of what it is a key of."""
        return self.loc[:-1]


@dataclass(frozen=True, slots=True)
class _Holder:
    """`known` keys have a meaning here; `near` are those that may be meant besides."""

    loc: Loc
    value: Mapping[str, Any]
    words: str
    known: Collection[str]
    near: Collection[str] = ()
    refuses: bool = False

    def unknown(self, comparing: Comparing) -> Iterator[UnknownKey]:
        for key in self.value:
            if not isinstance(key, str) or key in self.known or key == UNKNOWN:
                continue
            meant = comparing.near(key, self.known, ALIASES)
            if meant is None and key not in self.near:
                meant = comparing.near(key, self.near, ALIASES)
            yield UnknownKey(
                (*self.loc, key), f"a key of {self.words}", meant, refused=self.refuses
            )


def unknown_keys(automation: object) -> Iterator[UnknownKey]:
    """Of a document as it is written, valid or not."""
    if not isinstance(automation, Mapping):
        return
    comparing = Comparing()
    yield from _Holder(
        (), automation, "an automation", AutomationDocument.model_fields, refuses=True
    ).unknown(comparing)
    options = automation.get("flint")
    if isinstance(options, Mapping):
        words = "the options of Flint"
        yield from _Holder(
            ("flint",), options, words, FlintOptions.model_fields, refuses=True
        ).unknown(comparing)
    yield from unknown_trigger_keys(
        automation.get("trigger"), loc=("trigger",), comparing=comparing
    )
    for place, action in actions_in(automation):
        yield from _of_action(action, place, comparing)


def unknown_keys_of(automation: AutomationDocument) -> list[UnknownKey]:
    """Of an automation that was read. Nothing is written out where there are none."""
    nodes: list[BaseModel] = [*automation.trigger.walk(), *automation.all_actions]
    nodes += [metric for node in nodes if (metric := getattr(node, "metric", None)) is not None]
    extra = any(node.model_extra for node in nodes)
    return list(unknown_keys(document(automation))) if extra else []


def unknown_trigger_keys(
    trigger: object,
    *,
    loc: Loc,
    comparing: Comparing,
    besides: Collection[str] = (),
    depth: int = 0,
) -> Iterator[UnknownKey]:
    """Of a trigger and its parts; `besides` are known to the outermost one as well."""
    kind = kind_of(trigger)
    model = TRIGGERS.get(kind)
    if not isinstance(trigger, Mapping) or model is None or depth > _MAX_DEPTH:
        return
    known = (*model.model_fields, *besides)
    words = f"{'an' if kind == 'event' else 'a'} {kind} trigger"
    yield from _Holder(loc, trigger, words, known, _OF_TRIGGERS).unknown(comparing)
    metric = trigger.get("metric")
    if kind == "metric" and isinstance(metric, Mapping):
        fields = MetricQuery.model_fields
        yield from _Holder((*loc, "metric"), metric, "a metric", fields).unknown(comparing)
    children = trigger.get("triggers")
    for index, child in enumerate(children if isinstance(children, list) else []):
        place = (*loc, "triggers", index)
        yield from unknown_trigger_keys(child, loc=place, comparing=comparing, depth=depth + 1)


_OF_TRIGGERS = dict.fromkeys(name for each in TRIGGERS.values() for name in each.model_fields)


def _of_action(action: Mapping[str, Any], loc: Loc, comparing: Comparing) -> Iterator[UnknownKey]:
    kind = kind_of_action(action)
    known = keys_of_action(kind)
    if known:
        yield from _Holder(loc, action, f"the action `{kind}`", known).unknown(comparing)
