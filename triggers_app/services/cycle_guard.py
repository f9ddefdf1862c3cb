"""Whether an automation that is being saved would start itself for ever, by way of others.

What others are is remembered by this process, and brought up to date by the numbers of
changes, which become visible in their order: a search reads only what changed since the last.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from project.lib.problems import Problem
from triggers_app.domain.automation import AutomationDocument
from triggers_app.domain.cycles import certain_cycle
from triggers_app.domain.links import Other, Others, runs_of
from triggers_app.domain.run_reach import reaches
from triggers_app.storage import links as storage


class _Known:
    """The enabled automations that surely lead from runs to runs, as of a change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._change = 0
        self._others: dict[UUID, Other] = {}
        self._indexed = Others(())

    def others(self) -> Others:
        with self._lock:
            changed = False
            for row in storage.changed_after(self._change):
                self._change = max(self._change, row.change)
                before = self._others.pop(row.id, None)
                other = None if row.document is None else _certain(row.id, row.document)
                if other is not None:
                    self._others[row.id] = other
                changed = changed or before != other
            if changed:
                self._indexed = Others(self._others.values())
            return self._indexed

    def forget(self) -> None:
        """For a database that was put back to an earlier state."""
        with self._lock:
            self._change, self._others, self._indexed = 0, {}, Others(())


def _certain(automation_id: UUID, document: Mapping[str, Any]) -> Other | None:
    """The automation with those of its ways that are certain; only they can refuse anything."""
    other = Other.of_document(automation_id, document)
    if other is None:
        return None
    certain = replace(other, reaches=tuple(way for way in other.reaches if way.sure))
    return certain if certain.reaches else None


_known = _Known()


def forget() -> None:
    _known.forget()


def certain_cycle_of(
    automation: AutomationDocument, automation_id: UUID | None = None
) -> Problem | None:
    """Why it must not be saved enabled. No query unless runs fire it and it runs something."""
    if not runs_of(automation) or not any(way.sure for way in reaches(automation.trigger)):
        return None
    return certain_cycle(
        automation,
        _known.others(),
        automation_id=automation_id,
        deployment_name=storage.deployment_name,
    )
