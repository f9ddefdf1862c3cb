"""An automation at work: its trigger tree, compiled."""

from collections.abc import Iterable
from uuid import UUID

from msgspec import structs

from triggers_app.automation.document import meaning
from triggers_app.automation.engine.composite import CompositeNode
from triggers_app.automation.engine.leaf import EventLeaf, Leaf
from triggers_app.automation.engine.ledger import Ledger
from triggers_app.automation.engine.metric import Metric
from triggers_app.automation.engine.node import CompiledNode, Parent
from triggers_app.automation.engine.outcome import Firing, Window
from triggers_app.automation.engine.proactive import Silence, Watch
from triggers_app.automation.engine.reactive import Counting, Immediate
from triggers_app.automation.triggers import (
    CompoundTrigger,
    EventTrigger,
    Posture,
    SequenceTrigger,
    Trigger,
)


class CompiledAutomation:
    """One version of one automation. Firings of its root go into the ledger."""

    def __init__(
        self,
        automation_id: UUID,
        version: int,
        trigger: Trigger,
        *,
        resolves: bool,
        ledger: Ledger,
        guarded: bool = False,
    ) -> None:
        self.automation_id = automation_id
        self.version = version
        self.resolves = resolves
        self.ledger = ledger
        self.nodes: list[CompiledNode] = []
        self._build(trigger, self, 0)
        for leaf in self.leaves:
            leaf.guarded = guarded

    @property
    def leaves(self) -> list[Leaf]:
        return [node for node in self.nodes if isinstance(node, Leaf)]

    def receive(self, child: int, firing: Firing) -> None:
        snooze_id = self.ledger.snoozes.of(firing)
        if snooze_id is not None:
            firing = structs.replace(firing, snooze_id=snooze_id)
        self.ledger.fire(firing)

    def start(self, log_ms: int) -> None:
        for node in self.nodes:
            node.start(log_ms)

    def stop(self, outcome: str) -> None:
        """Forget everything; `outcome` is what closed windows say."""
        for node in self.nodes:
            node.alive = False
            node.abandon(outcome)

    def succeed(self, former: "CompiledAutomation") -> None:
        """Take over the windows of triggers that are the same as before."""
        known = former._by_id()
        for node in self.nodes:
            old = known.get(node.trigger_id)
            if old is not None and meaning(old.trigger) == meaning(node.trigger):
                node.changed = old.changed
                self.ledger.adopt(node)
                for window in old.windows.values():
                    node.resume(window)
                old.windows = {}
        former.stop("changed")

    def restore(self, windows: Iterable[Window]) -> list[Window]:
        """Go on with stored windows; returns those that belong to no trigger of this version."""
        known = self._by_id()
        strangers = []
        for window in windows:
            node = known.get(window.trigger_id)
            if node is None:
                strangers.append(window)
            else:
                node.resume(window)
        return strangers

    def _by_id(self) -> dict[UUID, CompiledNode]:
        return {node.trigger_id: node for node in self.nodes}

    def _build(self, trigger: Trigger, parent: Parent, child: int) -> None:
        place = {
            "automation_id": self.automation_id,
            "version": self.version,
            "rank": (self.automation_id.int, len(self.nodes)),
            "parent": parent,
            "child": child,
            "ledger": self.ledger,
        }
        match trigger:
            case EventTrigger():
                self.nodes.append(leaf_class(trigger)(trigger, **place))
            case CompoundTrigger() | SequenceTrigger():
                composite = CompositeNode(trigger, **place)
                self.nodes.append(composite)
                for number, below in enumerate(trigger.children):
                    self._build(below, composite, number)
            case _:
                self.nodes.append(Metric(trigger, resolves=self.resolves, **place))


def leaf_class(trigger: EventTrigger) -> type[EventLeaf]:
    if trigger.posture is Posture.PROACTIVE:
        return Watch if trigger.after else Silence
    immediate = trigger.threshold <= 1 and not trigger.within and not trigger.after
    return Immediate if immediate else Counting
