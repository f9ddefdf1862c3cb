"""Snoozes: until when the firings of an automation, or of one of its keys, do nothing. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from triggers_app.automation.engine.outcome import Firing


@dataclass(frozen=True, slots=True)
class SnoozeFact:
    """A fact of the log. Of an automation and labels the latest fact counts.

    `labels` are those of one key, or empty for every firing of the automation. `until_ms` is log
    time, exclusive; a fact with a time that is over ends the one before it.
    """

    id: int
    automation_id: UUID
    labels: Mapping[str, str] = field(default_factory=dict)
    until_ms: int = 0

    def holds_for(self, labels: Mapping[str, str], at_ms: int) -> bool:
        """Whether a firing with these labels at this log time does nothing."""
        return at_ms < self.until_ms and self.labels.items() <= labels.items()


class Snoozes:
    """Those in force. What is over is dropped when another fact of the automation comes."""

    def __init__(self) -> None:
        self._by_automation: dict[UUID, list[SnoozeFact]] = {}

    def __iter__(self) -> Iterator[SnoozeFact]:
        for snoozes in self._by_automation.values():
            yield from snoozes

    def apply(self, fact: SnoozeFact, *, log_ms: int) -> None:
        """The fact takes the place of an earlier one about the same automation and labels."""
        kept = [
            one
            for one in self._by_automation.pop(fact.automation_id, [])
            if one.labels != fact.labels and one.until_ms > log_ms
        ]
        if fact.until_ms > log_ms:
            kept.append(fact)
        if kept:
            self._by_automation[fact.automation_id] = kept

    def of(self, firing: Firing) -> int | None:
        """The id of the snooze that holds longest for a firing."""
        if not self._by_automation:
            return None
        snoozes = self._by_automation.get(firing.automation_id, [])
        holding = [one for one in snoozes if one.holds_for(firing.labels, firing.fired_ms)]
        return max(holding, key=lambda one: (one.until_ms, one.id)).id if holding else None
