"""Lint of names of events: L03, L04, L08. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import count

from events_app.domain.event import RESOURCE_ID
from events_app.domain.matching import NamePatterns, can_match_a_name
from project.lib.problems import Loc
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.lint.context import LintContext
from triggers_app.automation.lint.finding import Finding, Fix, error, removing, setting, warning
from triggers_app.automation.lint.known_names import FLOW_RUN, KNOWN_NAMES
from triggers_app.automation.lint.places import event_triggers
from triggers_app.automation.lint.rule import rule
from triggers_app.automation.lint.seen_names import SeenNames
from triggers_app.automation.loops.overlap import accepts_all_beginning
from triggers_app.automation.loops.run_reach import OTHER_STATES, SURE_STATES
from triggers_app.automation.triggers import EventTrigger, Posture

# A comparison with all names takes some ms; after so many the author has seen the point.
MOST_HINTS = 20
_NO_WILDCARDS_OF_NAMES = re.compile(r"\[[^\]]*\]|\?")


@rule(
    "L03",
    "An event that begins and ends the wait",
    '"Stays in Pending or Running for an hour", written with both states in `after` and '
    "in `expect`: going from Pending to Running ends the first wait and begins another, "
    "so it never gets to an hour.",
)
def stays_in(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L03: an event that both begins and ends the wait."""
    for loc, trigger in event_triggers(document):
        ends = NamePatterns(trigger.expect).match
        shared = [name for name in trigger.after if ends(name)]
        if trigger.posture is Posture.PROACTIVE and len(shared) > 1:
            yield error(
                "L03",
                (*loc, "expect"),
                f"`{shared[0]}` and `{shared[1]}` each begin the wait and also end it, so going "
                "from one to the other begins it anew. To wait across all of them, take them "
                "out of `expect`.",
                _expecting_the_rest(loc, trigger, shared),
            )
        elif _opens_and_closes(trigger, shared):
            yield error(
                "L03",
                (*loc, "after"),
                "The same events stand in `after` and in `expect`: each of them only opens the "
                "window, which has no length (`within` is 0), so this never fires. Leave out "
                "`after`, or let other events open the window.",
                removing("Leave out `after`", (*loc, "after")),
            )


def _opens_and_closes(trigger: EventTrigger, shared: Sequence[str]) -> bool:
    if trigger.posture is Posture.PROACTIVE or trigger.within or not shared or not trigger.expect:
        return False
    opens = NamePatterns(trigger.after).match
    return len(shared) == len(trigger.after) and all(map(opens, trigger.expect))


def _expecting_the_rest(loc: Loc, trigger: EventTrigger, shared: Sequence[str]) -> Fix | None:
    opens = NamePatterns(trigger.after).match
    kept = []
    for pattern in trigger.expect or ["*"]:
        if pattern in shared:
            continue
        if not any(map(NamePatterns([pattern]).match, shared)):
            kept.append(pattern)
        elif all(name.startswith(FLOW_RUN) for name in trigger.after):
            states = [FLOW_RUN + state for state in (*SURE_STATES, *OTHER_STATES)]
            accepts = NamePatterns([pattern]).match
            kept += [name for name in states if accepts(name) and not opens(name)]
        else:
            return None
    kept = list(dict.fromkeys(kept))
    return setting("Expect only the other events", (*loc, "expect"), kept) if kept else None


@rule(
    "L04",
    "Every event",
    "Nothing narrows the trigger, so it fires on every event, also on those about its own firings.",
)
def every_event(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L04: nothing narrows the trigger."""
    for loc, trigger in event_triggers(document):
        # With `after` and keys it is about single things all the same: "whatever comes next".
        if takes_every_event(trigger) and not (trigger.after and trigger.for_each):
            yield error(
                "L04",
                (*loc, "expect"),
                "This matches every event there is, also those that tell of its own firings. "
                "Name the events in `expect`, or narrow it with `match` or `match_related`.",
            )


def takes_every_event(trigger: EventTrigger) -> bool:
    any_name = not trigger.expect or any(set(name) == {"*"} for name in trigger.expect)
    any_resource = all(
        label == RESOURCE_ID and accepts_all_beginning(values, "")
        for label, values in trigger.match.items()
    )
    return any_name and any_resource and not trigger.related_specifications


@rule(
    "L08",
    "A name that was never seen",
    "No event with this name was recorded, nor does Flint emit it. Often a slip.",
)
def unseen_names(document: AutomationDocument, facts: LintContext) -> Iterator[Finding]:
    """L08: no event has this name, none can, or it is probably meant as a pattern."""
    seen = facts.event_names
    compared = count()
    for loc, trigger in event_triggers(document):
        for field in ("expect", "after"):
            names: list[str] = getattr(trigger, field)
            for name in names:
                if not can_match_a_name(name):
                    message, better = _impossible(name), _possible(name)
                elif seen is not None and _is_known(name, seen):
                    continue
                elif "?" in name or name.startswith("!"):
                    message, better = _itself(name), _possible(name)
                elif seen is None:
                    continue
                else:
                    better = seen.nearest(name) if next(compared) < MOST_HINTS else None
                    hint = f" Did you mean `{better}`?" if better else " Check how it is written."
                    message = f"No event named `{name}` was seen so far.{hint}"
                path = (*loc, field)
                yield warning("L08", path, message, _renamed(path, names, name, better))


def _impossible(name: str) -> str:
    return (
        f"`{name}` never selects an event: in names only `*` is special, and `[…]` does not "
        "work. Use `*`, or list the names."
    )


def _itself(name: str) -> str:
    return (
        f"No event named `{name}` was seen so far. In names only `*` is special: `?` and a "
        "leading `!` stand for themselves. Use `*`, or list the names."
    )


def _possible(name: str) -> str | None:
    if name.startswith("!"):
        return None
    return re.sub(r"\*+", "*", _NO_WILDCARDS_OF_NAMES.sub("*", name))


def _is_known(name: str, seen: SeenNames) -> bool:
    if "*" not in name:
        return name in KNOWN_NAMES or name in seen
    return any(map(NamePatterns([name]).match, KNOWN_NAMES)) or bool(seen.matching([name], most=1))


def _renamed(path: Loc, names: Sequence[str], name: str, better: str | None) -> Fix | None:
    if better is None:
        return None
    # The whole list: on paper it may name one event twice, and indexes would be off.
    renamed = list(dict.fromkeys(better if one == name else one for one in names))
    return setting(f"Write `{better}`", path, renamed)
