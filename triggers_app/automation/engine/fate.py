"""What became of an event at one trigger that wanted it."""

from enum import StrEnum


class Fate(StrEnum):
    FIRED = "fired"
    COUNTED = "counted"
    SATISFIED = "satisfied"  # of an absence: with it, all that was expected has come
    SAMPLE = "sample"  # of a metric
    OPENED = "opened"  # it matched `after`
    HELD = "held"  # expected, and kept for a window that may still open around it
    OVER = "over"  # expected, and held, but what `after` had opened is over
    BEFORE_AFTER = "before after"  # expected, but no window was open
    AHEAD = "ahead"  # of an absence: past the end of a window that is not judged yet
    LATE = "late"  # before the window
    QUIET = "quiet"  # in the rest of the window of a firing
    ALREADY_OPEN = "already open"  # it matched `after` while a window was open
    NO_SAMPLE = "no sample"  # of a metric: it ends no measurement
    COUNTED_EARLIER = "told"  # a follower: it counted at a deadline, while it waited for its leader
    CAUSED = "caused"  # the automation is guarded, and led to this event itself
    NEVER = "never"  # the trigger cannot fire: fewer than 0 events are impossible
