"""Whether an automation that is being saved would start itself for ever, by way of others.

Lint asks the same of a draft, and of what is only possible, too.

What others are is remembered by this process, and brought up to date by the numbers of
changes, which become visible in their order: a search reads only what changed since the last.
"""

import threading
from dataclasses import replace
from uuid import UUID

from project.lib.problems import Problem
from triggers_app.domain.automation import AutomationDocument
from triggers_app.domain.cycles import certain_cycle
from triggers_app.domain.links import Other, Others, runs_of
from triggers_app.domain.run_reach import reaches
from triggers_app.storage import links as storage


class _Known:
    """The enabled automations that lead from runs to runs, as of a change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._change = 0
        self._others: dict[UUID, Other] = {}
        self._possible: Others | None = None
        self._certain: Others | None = None

    def possible(self) -> Others:
        """With all their ways. One query."""
        with self._lock:
            self._refresh()
            self._possible = self._possible or Others(self._others.values())
            return self._possible

    def certain(self) -> Others:
        """With those of their ways that are certain; only they can refuse anything. One query."""
        with self._lock:
            self._refresh()
            self._certain = self._certain or Others(filter(None, map(_sure, self._others.values())))
            return self._certain

    def _refresh(self) -> None:
        for row in storage.changed_after(self._change):
            self._change = max(self._change, row.change)
            before = self._others.pop(row.id, None)
            other = None if row.document is None else Other.of_document(row.id, row.document)
            if other is not None:
                self._others[row.id] = other
            if before != other:
                self._possible = self._certain = None

    def forget(self) -> None:
        """For a database that was put back to an earlier state."""
        with self._lock:
            self._change, self._others = 0, {}
            self._possible = self._certain = None


def _sure(other: Other) -> Other | None:
    certain = replace(other, reaches=tuple(way for way in other.reaches if way.sure))
    return certain if certain.reaches else None


_known = _Known()


def forget() -> None:
    _known.forget()


def others() -> Others:
    """All that may be part of a loop, for lint. One query."""
    return _known.possible()


def certain_cycle_of(
    automation: AutomationDocument, automation_id: UUID | None = None
) -> Problem | None:
    """Why it must not be saved enabled. No query unless runs fire it and it runs something."""
    if not runs_of(automation) or not any(way.sure for way in reaches(automation.trigger)):
        return None
    return certain_cycle(
        automation,
        _known.certain(),
        automation_id=automation_id,
        deployment_name=storage.deployment_name,
    )
