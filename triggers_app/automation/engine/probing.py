"""How the windows of one automation stand just before one event is evaluated."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from events_app.domain.event import Event
from events_app.domain.position import Position
from triggers_app.automation.engine.evaluator import Evaluator
from triggers_app.automation.engine.outcome import Window
from triggers_app.automation.engine.windows import decode_window, encode_window


@dataclass(frozen=True, slots=True)
class ProbedState:
    """The log time at which the event was evaluated, and the windows just before.

    `version` is None when the automation was not at work: not there, disabled or set aside.
    `counted_by` are the triggers that had counted the event while it waited for its leader.
    """

    log_ms: int
    version: int | None
    windows: list[Window]
    counted_by: frozenset[UUID] = frozenset()


class Probe(Evaluator):
    """An evaluator that looks out for one event, also when that waits for its leader."""

    def __init__(self, automation_id: UUID, target: Position) -> None:
        super().__init__()
        self.state: ProbedState | None = None
        self._automation_id = automation_id
        self._target = target

    def see(self, event: Event, position: tuple[int, int, int], *, leader_known: bool) -> None:
        if position == self._target and not (
            event.follows is not None
            and self._followers.must_wait(event, leader_known=leader_known)
        ):
            self._look(position[0])
        super().see(event, position, leader_known=leader_known)

    def _evaluate(
        self, event: Event, position: Position, log_ms: int, reported: Collection[UUID]
    ) -> None:
        if position == self._target:
            self._look(log_ms, frozenset(reported))
        super()._evaluate(event, position, log_ms, reported)

    def _look(self, log_ms: int, reported: frozenset[UUID] = frozenset()) -> None:
        loaded = self._loaded.get(self._automation_id)
        nodes = [] if loaded is None else loaded.nodes
        self.state = ProbedState(
            log_ms,
            None if loaded is None else loaded.version,
            [
                decode_window(encode_window(window))
                for node in nodes
                for window in node.windows.values()
            ],
            reported,
        )
