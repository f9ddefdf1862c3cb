"""What one event meant to one automation, as a tree: fate, first reason, every condition.

Plain values that go into JSON as they are (msgspec); times are microseconds since the epoch.
"""

from uuid import UUID

import msgspec

from events_app.domain.event import from_us, rfc3339


class Condition(msgspec.Struct, frozen=True):
    """One thing that an event must have. `subject` is the name, a label, or a related one.

    `kind`: name, match, related. `actual` is None where the event has nothing of it. Of a
    related specification `nearest` is the resource that comes closest, `parts` its labels.
    """

    kind: str
    subject: str
    expected: list[str]
    actual: str | None
    met: bool
    nearest: str | None = None
    parts: "list[Condition]" = []

    @property
    def sentence(self) -> str:
        expected = _either(self.expected)
        if self.kind == "name":
            return f"its name is `{self.actual}`, not {expected}"
        if self.kind == "related":
            return _related(self)
        if self.actual is None:
            return f"it has no label `{self.subject}`"
        return f"its label `{self.subject}` is `{self.actual}`, not {expected}"


class OpenWindow(msgspec.Struct, frozen=True):
    start_us: int
    end_us: int
    count: int


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`fate`: fired, counted, ignored. `reason` tells the first thing that decided it.

    Reasons of ignored: disabled, log line, name, match, related, caused, before after, held,
    over, late, quiet, already open, no sample, never, and no part, of a part without which the
    whole has fired. Reasons of counted: opened, satisfied, sample, ahead (of the judgment of a
    window), told (while it waited for its leader). Reason of fired: before, of a part that
    another event had made fire. Empty where the fate says all.
    `labels` is the key, `needed` the threshold, or how many children a composite needs.
    """

    trigger_id: UUID
    type: str
    fate: str
    reason: str = ""
    conditions: list[Condition] = []
    labels: dict[str, str] = {}
    window: OpenWindow | None = None
    needed: int = 1
    children: "list[Verdict]" = []

    @property
    def sentence(self) -> str:
        """Fate and reason in plain words."""
        if self.fate == "fired":
            return "It had fired before." if self.reason == "before" else "It fired."
        if self.fate == "counted":
            return self._counted()
        return f"Ignored: {self._why_ignored()}."

    def _counted(self) -> str:
        match self.reason:
            case "opened":
                return f"It opened the window{self._until()}."
            case "satisfied":
                return f"With it, all that was expected has come{self._until()}."
            case "ahead":
                return f"It waits until a window is judged that ended before it{self._at_end()}."
            case "told":
                return "It counted at a deadline, while it waited for the event that it follows."
            case "sample":
                return f"It is one of {self._count} samples."
            case _:
                return f"Counted: {self._count} of {self.needed}{self._until()}."

    @property
    def _count(self) -> int:
        return 0 if self.window is None else self.window.count

    def _until(self) -> str:
        if self.window is None or self.window.end_us >= _FOREVER_US:
            return ""
        return f", until {_time(self.window.end_us)}"

    def _at_end(self) -> str:
        return "" if self.window is None else f", at {_time(self.window.end_us)}"

    def _why_ignored(self) -> str:
        if self.reason in _REASONS:
            start = "" if self.window is None else _time(self.window.start_us)
            return _REASONS[self.reason].format(start=start)
        failed = next((one for one in self.conditions if not one.met), None)
        return "none of its parts wanted it" if failed is None else failed.sentence


_FOREVER_US = 2**61
_REASONS = {
    "disabled": "the automation was disabled",
    "caused": "caused by this automation",
    "before after": "no window was open: nothing had matched `after`, or its window had ended",
    "held": "nothing had matched `after` yet; it is kept in case that comes late",
    "over": "the watch is over; it is kept in case `after` comes late",
    "late": "it occurred before the window, which began at {start}",
    "quiet": "the trigger had fired and stays quiet until {start}",
    "log line": "triggers do not look at log lines",
    "no part": "the whole fired without it",
    "no sample": "it ends no measurement of a run",
    "never": "fewer than 0 events are impossible, so the trigger never fires",
    "already open": "it matches `after`, but the window was open already",
}


def _related(condition: Condition) -> str:
    if condition.nearest is None:
        return "it has no related resource"
    failed = [part.sentence for part in condition.parts if not part.met]
    return f"of its related resources `{condition.nearest}` comes nearest, but {failed[0]}"


def _either(texts: list[str]) -> str:
    quoted = [f"`{text}`" for text in texts[:3]]
    if len(texts) > 3:
        quoted.append(f"{len(texts) - 3} more")
    return " or ".join(quoted) if quoted else "anything"


def _time(us: int) -> str:
    return rfc3339(from_us(us))
