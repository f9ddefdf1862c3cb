"""How many actions of one automation may be carried out in a minute. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

DEFAULT_PER_MINUTE = 30_000
KEY = "flint"
LIMIT = "max_actions_per_minute"


class Ceiling:
    """What the automations of a batch may still do; asked for one action after another."""

    def __init__(self, done: Mapping[UUID, int], *, default: int = DEFAULT_PER_MINUTE) -> None:
        self._done = Counter(dict(done))
        self._default = default

    def admits(self, automation_id: UUID, document: Mapping[str, Any]) -> bool:
        """Whether one more is within the ceiling; then it counts."""
        if self._done[automation_id] >= self.limit(document):
            return False
        self._done[automation_id] += 1
        return True

    def limit(self, document: Mapping[str, Any]) -> int:
        """The automation's own ceiling, or the one for all."""
        own = (document.get(KEY) or {}).get(LIMIT)
        return self._default if own is None else int(own)
