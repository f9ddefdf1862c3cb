"""What became of an event at one trigger that wanted it."""

from enum import StrEnum


class Fate(StrEnum):
    FIRED = "fired"
    COUNTED = "counted"
    SATISFIED = "satisfied"  # of an absence: with it, all that was expected has come
    SAMPLE = "sample"  # of a metric
    OPENED = "opened"  # it matched `after`
    HELD = "held"  # expected, and kept for a window that may still open around it
    BEFORE_AFTER = "before after"  # expected, but no window was open
    LATE = "late"  # before the window
    QUIET = "quiet"  # in the rest of the window of a firing
    ALREADY_OPEN = "already open"  # it matched `after` while a window was open
    NO_SAMPLE = "no sample"  # of a metric: it ends no measurement
    NEVER = "never"  # the trigger cannot fire: fewer than 0 events are impossible
