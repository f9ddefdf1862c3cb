"""Names of events that Flint and Prefect's clients emit, seen or not; names alike. Pure."""

from collections.abc import Iterable, Mapping

from project.lib.alike import most_alike
from triggers_app.automation.loops.run_reach import OTHER_STATES, SURE_STATES

FLOW_RUN = "prefect.flow-run."

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


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The one that differs in upper and lower case only, else the one most like it."""
    candidates = list(known)
    folded = text.casefold()
    same = next((one for one in candidates if one.casefold() == folded), None)
    return most_alike(text, candidates, least=0.7) if same is None else same
