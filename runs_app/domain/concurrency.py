"""How many slots of a limit are taken, and when to ask again. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LONGEST_WAIT_SECONDS = 30.0
_SHORTEST_WAIT_SECONDS = 0.1
TAG = "tag:"


def deployment_limit_name(deployment_id: object) -> str:
    """The limit of the runs of a deployment that may be under way at once."""
    return f"deployment:{deployment_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCount:
    """A limit as it stands. `counted` is how many slots are taken without a lease, `at` when;
    `leased` those of leases that still hold."""

    name: str
    limit: int
    counted: int = 0
    at: datetime
    leased: int = 0
    denied: int = 0
    decay_per_second: float = 0.0
    occupancy_seconds: float = 2.0

    def undecayed(self, now: datetime) -> int:
        """What is left of the slots that were taken without a lease."""
        gone = math.floor(self.decay_per_second * max(0.0, (now - self.at).total_seconds()))
        return max(0, self.counted - gone)

    def taken(self, now: datetime) -> int:
        return self.undecayed(now) + self.leased

    def has_room(self, slots: int, now: datetime) -> bool:
        return self.taken(now) + slots <= self.limit

    def wait_seconds(self, slots: int, now: datetime) -> float:
        """When there may be room for so many slots: those denied before come first."""
        ahead = slots + self.denied
        if self.decay_per_second > 0:
            return max(_SHORTEST_WAIT_SECONDS, ahead / self.decay_per_second)
        each = min(self.occupancy_seconds, LONGEST_WAIT_SECONDS)
        wait = each * ahead / max(1, self.limit)
        return min(max(_SHORTEST_WAIT_SECONDS, wait), LONGEST_WAIT_SECONDS)


def retry_after(full: Sequence[SlotCount], *, slots: int, now: datetime, chance: float) -> float:
    """Seconds until it is worth to ask again, spread by `chance` (0 to 1) around the longest."""
    longest = max(each.wait_seconds(slots, now) for each in full)
    return longest * (0.7 + 0.6 * chance)


def mean_occupancy(before: float, seconds: float, *, limit: int) -> float:
    """The running mean of how long a slot is held."""
    weight = 2.0 / (max(1, limit) + 1)
    return before + (max(0.1, seconds) - before) * min(1.0, weight)
