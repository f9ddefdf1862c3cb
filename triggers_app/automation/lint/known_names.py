"""Names of events that Flint and Prefect's clients emit, seen or not; names alike. Pure."""

import difflib
from collections.abc import Iterable, Mapping
from itertools import islice

from triggers_app.automation.loops.run_reach import OTHER_STATES, SURE_STATES

FLOW_RUN = "prefect.flow-run."
# Comparing texts costs some 20 µs each.
MOST_COMPARED = 3000

_CHANGES = ("created", "updated", "deleted")
_READY = ("ready", "not-ready")
_KINDS: Mapping[str, tuple[str, ...]] = {
    "flow-run": (*SURE_STATES, *OTHER_STATES, "heartbeat"),
    "task-run": (*SURE_STATES, *OTHER_STATES),
    "deployment": (*_CHANGES, *_READY),
    "work-queue": (*_CHANGES, *_READY, "paused"),
    "work-pool": (*_CHANGES, *_READY, "paused"),
    "automation": (
        *_CHANGES,
        *("triggered", "resolved", "action.triggered", "action.executed", "action.failed"),
    ),
    "concurrency-limit": (*_CHANGES, "acquired", "released"),
    "artifact": ("created", "updated"),
    "runner": ("cancelled-flow-run",),
    "worker": (
        *("started", "stopped", "submitted-flow-run", "executed-flow-run"),
        "cancelled-flow-run",
    ),
    **dict.fromkeys(
        ("flow", "variable", "block-type", "block-document", "artifact-collection"), _CHANGES
    ),
}
KNOWN_NAMES = frozenset(f"prefect.{kind}.{what}" for kind in _KINDS for what in _KINDS[kind])


def nearest_name(name: str, seen: Mapping[str, int]) -> str | None:
    """The known name, or pattern of known names, most like a name or pattern; None if none is."""
    known = [*islice(seen, MOST_COMPARED), *sorted(KNOWN_NAMES)]
    return nearest(name, _patterns(known) if "*" in name else known)


def _patterns(names: Iterable[str]) -> list[str]:
    """`orders.file.*` and `orders.*` for `orders.file.landed`."""
    patterns: dict[str, None] = {}
    for name in names:
        parts = name.split(".")[:-1]
        for length in range(len(parts), 0, -1):
            patterns[".".join(parts[:length]) + ".*"] = None
    return list(patterns)


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The one that differs in upper and lower case only, else the one most like it."""
    candidates = list(known)
    folded = text.casefold()
    same = next((one for one in candidates if one.casefold() == folded), None)
    if same is not None:
        return same
    close = difflib.get_close_matches(text, candidates[: 2 * MOST_COMPARED], n=1, cutoff=0.7)
    return close[0] if close else None
