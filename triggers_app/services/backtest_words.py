"""What a backtest found, in words. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from events_app.domain.event import to_us
from events_app.domain.position import Position
from triggers_app.automation.engine.outcome import RESOLVED
from triggers_app.automation.triggers import EventTrigger, Leaf, MetricTrigger, Trigger
from triggers_app.services.backtest_result import Almost, BacktestResult, WouldBe

NEVER_CAME = "never came"


def summary_of(result: BacktestResult) -> str:
    """`Would have fired 11 times in 7 days, last Fri 21 Nov 04:12`."""
    days = (result.covered_until - (result.covered_since or result.until)) / timedelta(days=1)
    length = f"{days * 24:.0f} hours" if days < 2 else f"{days:.0f} days"
    if result.covered_since is None or days <= 0:
        return "No events are recorded yet"
    fired = [one for one in result.firings if one.state != RESOLVED]
    total = result.firings_total - (len(result.firings) - len(fired))
    if not total:
        return f"Would not have fired in {length}"
    times = "once" if total == 1 else f"{total:,} times"
    return f"Would have fired {times} in {length}, last {when(fired[-1].fired)}"


def is_near(almost: Almost) -> bool:
    """Whether at least half of what was needed had come; else nobody would say "almost"."""
    return almost.count * 2 >= almost.needed


def name_of(trigger: Trigger) -> str:
    """A trigger in two or three words."""
    if isinstance(trigger, EventTrigger):
        names = trigger.expect or ["any event"]
        return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"
    if isinstance(trigger, MetricTrigger):
        return f"{trigger.metric.name} of runs"
    parts = [name_of(child) for child in trigger.children]
    return parts[0] if len(parts) == 1 else f"{len(parts)} parts"


def names_of(trigger: Trigger) -> dict[UUID, str]:
    """Every leaf in a few words; leaves of one name are told apart by what they want of it."""
    alike: dict[str, list[Leaf]] = {}
    for leaf in trigger.leaves:
        alike.setdefault(name_of(leaf), []).append(leaf)
    names: dict[UUID, str] = {}
    for name, leaves in alike.items():
        shared = Counter(text for leaf in leaves for text in set(_names_of(leaf)))
        for leaf in leaves:
            own = [text for text in _names_of(leaf) if shared[text] < len(leaves)]
            names[leaf.node_id] = " · ".join([name, *own[:1]])
    return names


def _names_of(leaf: Leaf) -> list[str]:
    values = [*leaf.match.values()]
    values += [value for one in leaf.related_specifications for value in one.values()]
    return [value if isinstance(value, str) else " or ".join(value) for value in values]


def why_almost(almost: Almost, node: Trigger, names: Mapping[UUID, str] | None = None) -> str:
    """`inventory.snapshot.done never came, 1 of 2`."""
    share = f"{almost.count} of {almost.needed}"
    whom = f" for {', '.join(part or '(none)' for part in almost.key)}" if almost.key else ""
    if node.children:
        lacking = [node.children[place] for place in almost.missing]
        missing = [(names or {}).get(one.node_id, name_of(one)) for one in lacking]
        if not missing:
            return f"{share} of its parts came{whom}"
        named = " and ".join(missing) if len(missing) < 3 else f"{len(missing)} of its parts"
        word = NEVER_CAME if almost.closed else "has not come yet"
        return f"{named} {word}, {share}{whom}"
    return f"{share} {name_of(node)} came{whom}"


def when(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"


def by_silence(firing: WouldBe) -> bool:
    """Whether what did not come decided it; its event, if it has one, came before."""
    if firing.event is None or not firing.event.position:
        return True
    return Position.parse(firing.event.position).ms < to_us(firing.fired) // 1000


def ended(almost: Almost, until: datetime) -> datetime:
    """When it was clear: the end of the window, and not when somebody looked at it."""
    return min(almost.end or until, almost.closed or until, until)
