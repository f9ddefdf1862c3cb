"""An automation at work: its trigger tree, compiled."""

from collections.abc import Iterable
from uuid import UUID

from triggers_app.domain.automation import meaning
from triggers_app.domain.triggers import EventTrigger, Posture, Trigger
from triggers_app.engine.leaf import Leaf, Parent
from triggers_app.engine.ledger import Ledger
from triggers_app.engine.outcome import Firing, Window
from triggers_app.engine.proactive import Silence, Watch
from triggers_app.engine.reactive import Counting, Immediate


class Loaded:
    """One version of one automation. Firings of its root go into the ledger."""

    def __init__(
        self, automation_id: UUID, version: int, trigger: Trigger, *, ledger: Ledger
    ) -> None:
        self.automation_id = automation_id
        self.version = version
        self.ledger = ledger
        self.leaves: list[Leaf] = []
        self._build(trigger, self, 0)

    def receive(self, child: int, firing: Firing) -> None:
        self.ledger.firings.append(firing)

    def leaf_by_id(self) -> dict[UUID, Leaf]:
        return {leaf.trigger_id: leaf for leaf in self.leaves}

    def start(self, log_ms: int) -> None:
        for leaf in self.leaves:
            leaf.start(log_ms)

    def stop(self, outcome: str) -> None:
        """Forget everything; `outcome` is what closed windows say."""
        for leaf in self.leaves:
            leaf.alive = False
            leaf.abandon(outcome)

    def succeed(self, former: "Loaded") -> None:
        """Take over the windows of triggers that are the same as before."""
        known = former.leaf_by_id()
        for leaf in self.leaves:
            old = known.get(leaf.trigger_id)
            if old is not None and meaning(old.trigger) == meaning(leaf.trigger):
                leaf.changed = old.changed
                self.ledger.adopt(leaf)
                for window in old.windows.values():
                    leaf.resume(window)
                old.windows = {}
        former.stop("changed")

    def restore(self, windows: Iterable[Window]) -> list[Window]:
        """Go on with stored windows; returns those that belong to no trigger of this version."""
        known = self.leaf_by_id()
        strangers = []
        for window in windows:
            leaf = known.get(window.trigger_id)
            if leaf is None:
                strangers.append(window)
            else:
                leaf.resume(window)
        return strangers

    def _build(self, trigger: Trigger, parent: Parent, child: int) -> None:
        if not isinstance(trigger, EventTrigger):
            raise NotImplementedError(f"Triggers of type {trigger.type} are not evaluated yet.")
        self.leaves.append(
            leaf_class(trigger)(
                trigger,
                automation_id=self.automation_id,
                version=self.version,
                rank=(self.automation_id.int, len(self.leaves)),
                parent=parent,
                child=child,
                ledger=self.ledger,
            )
        )


def leaf_class(trigger: EventTrigger) -> type[Leaf]:
    if trigger.posture is Posture.PROACTIVE:
        return Watch if trigger.after else Silence
    immediate = trigger.threshold <= 1 and not trigger.within and not trigger.after
    return Immediate if immediate else Counting
