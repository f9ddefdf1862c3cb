"""What became of an event at one trigger that wanted it."""

from enum import StrEnum


class Fate(StrEnum):
    FIRED = "fired"
    COUNTED = "counted"
    OPENED = "opened"  # it matched `after`
    HELD = "held"  # expected, and kept for a window that may still open around it
    BEFORE_AFTER = "before after"  # expected, but no window was open
    LATE = "late"  # before the window
    QUIET = "quiet"  # in the rest of the window of a firing
    ALREADY_OPEN = "already open"  # it matched `after` while a window was open
