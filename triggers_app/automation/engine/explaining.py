"""Why an event fired, counted, or did nothing: asked of the very code that decides."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from msgspec.structs import replace

from events_app.domain.event import RESOURCE_ID, Event
from events_app.domain.matching import NamePatterns, compile_values
from events_app.domain.position import Position
from triggers_app.automation.engine.composite import CompositeNode as CompositeNode
from triggers_app.automation.engine.current_event import CurrentEvent
from triggers_app.automation.engine.evaluator import IGNORED_NAME, Evaluator, Version
from triggers_app.automation.engine.fate import Fate
from triggers_app.automation.engine.leaf import EventLeaf, Leaf
from triggers_app.automation.engine.ledger import Keeper
from triggers_app.automation.engine.node import CompiledNode
from triggers_app.automation.engine.outcome import Firing, Window
from triggers_app.automation.engine.windows import decode_window, encode_window
from triggers_app.automation.triggers import (
    CompoundTrigger,
    Matching,
    SequenceTrigger,
    Specification,
    Trigger,
    Values,
)
from triggers_app.automation.verdict import Condition, OpenWindow, Verdict

_IGNORED = {
    Fate.CAUSED,
    Fate.HELD,
    Fate.OVER,
    Fate.BEFORE_AFTER,
    Fate.LATE,
    Fate.QUIET,
    Fate.ALREADY_OPEN,
    Fate.NO_SAMPLE,
    Fate.NEVER,
}


def explain(
    version: Version,
    windows: Iterable[Window],
    event: Event,
    position: Position,
    *,
    log_ms: int,
    reported: Collection[UUID] = (),
) -> Verdict:
    """What the event meant to this version, whose windows stood like this just before.

    `log_ms` is the log time at which it was evaluated; what was due until then has been decided
    in the windows, except for what opened in the event's own entry. Changes none of them.
    `counted_by` are the triggers that had counted it already, while it waited for its leader.
    """
    if not version.enabled:
        return _ignored(version.trigger, event, "disabled")
    if event.event == IGNORED_NAME:
        return _ignored(version.trigger, event, "log line")
    evaluator = Evaluator()
    copies = [decode_window(encode_window(window)) for window in windows]
    evaluator.restore([version], copies, log_ms=log_ms)
    return _Witness(evaluator, version, reported).verdict(event, position, log_ms)


class _Witness:
    """Feeds an event to every trigger of one automation, one by one, and notes what happens."""

    def __init__(self, evaluator: Evaluator, version: Version, reported: Collection[UUID]) -> None:
        self.nodes: dict[object, CompiledNode] = {
            node.trigger_id: node for node in evaluator.nodes_of(version.automation_id)
        }
        self.root = version.trigger
        self.counted_by = reported
        self.fired: dict[object, Firing] = {}
        self.fates: dict[object, Fate] = {}
        self.moment = CurrentEvent()

    def verdict(self, event: Event, position: Position, log_ms: int) -> Verdict:
        self.moment.set(event, position, log_ms)
        for node in self.nodes.values():
            node.ledger.witness = self._note
        for node in list(self.nodes.values()):
            if isinstance(node, Leaf) and all(one.met for one in conditions(node.trigger, event)):
                self.fates[node.trigger_id] = self._fed(node, event)
        return self._tree(self.root, event)

    def _fed(self, leaf: Leaf, event: Event) -> Fate:
        if leaf.trigger_id in self.counted_by:
            return Fate.COUNTED_EARLIER
        if leaf.guarded and leaf.caused(event):
            return Fate.CAUSED
        return leaf.feed(self.moment)

    def _note(self, node: Keeper, firing: Firing) -> None:
        # What an event sets free that came before it fires by itself.
        if firing.position == self.moment.position:
            self.fired[node.trigger_id] = firing

    def _tree(self, trigger: Trigger, event: Event) -> Verdict:
        firing = self.fired.get(trigger.node_id)
        children = [self._tree(child, event) for child in trigger.children]
        if firing is not None:
            children = _with_earlier(trigger, children, firing.child_firings)
            return verdict_of_firing(trigger, firing, children)
        node = self.nodes[trigger.node_id]
        if isinstance(trigger, CompoundTrigger | SequenceTrigger):
            return self._composite(trigger, node, children)
        return self._leaf(trigger, node, event)

    def _composite(
        self,
        trigger: CompoundTrigger | SequenceTrigger,
        node: CompiledNode,
        children: list[Verdict],
    ) -> Verdict:
        assert isinstance(node, CompositeNode)
        fired = [child for child in children if child.fate == "fired"]
        key = tuple(fired[-1].labels.get(label, "") for label in node.labels) if fired else ()
        window = node.windows.get(key)
        counted = any(child.fate in ("fired", "counted") for child in children)
        if counted and window is not None:
            earlier = [slot.firing for slot in window.slots]
            children = _with_earlier(trigger, children, earlier)
        return Verdict(
            trigger_id=trigger.node_id,
            type=trigger.type,
            fate="counted" if counted else "ignored",
            labels=dict(zip(node.labels, key, strict=False)),
            window=_view(window),
            needed=node.needed,
            children=children,
        )

    def _leaf(self, trigger: Trigger, node: CompiledNode, event: Event) -> Verdict:
        decided = conditions(trigger, event)
        fate = self.fates.get(trigger.node_id)
        if fate is None:
            return _ignored(trigger, event, next(one.kind for one in decided if not one.met))
        labels: dict[str, str] = {}
        key: tuple[str, ...] = ()
        if isinstance(node, EventLeaf):
            key = node.key_of(event)
            labels = dict(zip(node.labels, key, strict=True))
        return Verdict(
            trigger_id=trigger.node_id,
            type=trigger.type,
            fate="ignored" if fate in _IGNORED else "counted",
            reason="" if fate is Fate.COUNTED else fate.value,
            conditions=decided,
            labels=labels,
            window=_view(node.windows.get(key)),
            needed=trigger.needed,
        )


def _with_earlier(
    trigger: Trigger, children: Sequence[Verdict], firings: Iterable[Firing]
) -> list[Verdict]:
    """A part that had fired before the event came is shown as it was then."""
    by_id = {firing.trigger_id: firing for firing in firings}
    return [
        _before(verdict_of_firing(child, by_id[child.node_id]))
        if verdict.fate == "ignored" and child.node_id in by_id
        else verdict
        for child, verdict in zip(trigger.children, children, strict=True)
    ]


def _before(verdict: Verdict) -> Verdict:
    children = [_before(child) for child in verdict.children]
    reason = "before" if verdict.fate == "fired" else verdict.reason
    return replace(verdict, reason=reason, children=children)


def verdict_of_firing(
    trigger: Trigger, firing: Firing, children: Sequence[Verdict] | None = None
) -> Verdict:
    """The tree of a firing: which conditions its event met, and which children took part."""
    if children is None:
        by_id = {child.trigger_id: child for child in firing.child_firings}
        children = [
            verdict_of_firing(child, by_id[child.node_id])
            if child.node_id in by_id
            else Verdict(
                trigger_id=child.node_id, type=child.type, fate="ignored", reason="no part"
            )
            for child in trigger.children
        ]
    event = None if firing.triggering is None else firing.triggering.event
    window = None
    if firing.window_start_us is not None and firing.window_end_us is not None:
        window = OpenWindow(firing.window_start_us, firing.window_end_us, firing.counted_total)
    return Verdict(
        trigger_id=firing.trigger_id,
        type=trigger.type,
        fate="fired",
        conditions=[] if event is None or trigger.children else conditions(trigger, event),
        labels=firing.labels,
        window=window,
        needed=trigger.needed,
        children=list(children),
    )


def conditions(trigger: Trigger, event: Event) -> list[Condition]:
    """Every condition of a trigger on the single event, in the order in which they decide."""
    if not isinstance(trigger, Matching):
        return []
    names = trigger.event_names
    name = Condition("name", "event", names, event.event, NamePatterns(names).match(event.event))
    return [
        name,
        *_labels(trigger.match, event.resource),
        *(_related(one, event) for one in trigger.related_specifications),
    ]


def _labels(specification: Specification, resource: dict[str, str]) -> list[Condition]:
    return [
        Condition("match", label, _listed(values), actual, met=_matches(values, actual))
        for label, values in specification.items()
        for actual in [resource.get(label)]
    ]


def _matches(values: Values, actual: str | None) -> bool:
    return actual is not None and compile_values(values)(actual)


def _related(specification: Specification, event: Event) -> Condition:
    """The related resource that meets most of the labels speaks for all."""
    candidates = [(other[RESOURCE_ID], _labels(specification, other)) for other in event.related]
    candidates.sort(key=lambda candidate: -sum(part.met for part in candidate[1]))
    nearest, parts = candidates[0] if candidates else (None, [])
    met = nearest is not None and all(part.met for part in parts)
    texts = [text for values in specification.values() for text in _listed(values)]
    return Condition("related", ", ".join(specification), texts, nearest, met, nearest, parts)


def _ignored(trigger: Trigger, event: Event, reason: str) -> Verdict:
    return Verdict(
        trigger_id=trigger.node_id,
        type=trigger.type,
        fate="ignored",
        reason=reason,
        conditions=conditions(trigger, event),
        needed=trigger.needed,
        children=[_ignored(child, event, reason) for child in trigger.children],
    )


def _view(window: Window | None) -> OpenWindow | None:
    if window is None or not window.open:
        return None
    return OpenWindow(window.start_us, window.end_us, window.count)


def _listed(values: Values) -> list[str]:
    return [values] if isinstance(values, str) else list(values)
