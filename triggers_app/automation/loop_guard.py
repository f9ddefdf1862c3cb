"""Which automations run in certain loops. Pure; linear in what is saved.

Deployments are places, automations are ways (see `cycles`). Those on a cycle with an automation
are the ones that its runs lead to, and that lead back to it. Source: docs/semantics.md, row 14.
"""

from collections import deque
from uuid import UUID

from triggers_app.automation.loops.links import Other, Others


def on_a_cycle_with(automation: Other, others: Others) -> set[UUID]:
    """All that lie on a cycle with it, itself included; empty if it lies on none.

    `others` have certain ways only, and contain the automation.
    """
    reached = _reached_from(automation, others)
    if automation.id not in reached:
        return set()
    return reached & _leading_to(automation, others)


def _reached_from(automation: Other, others: Others) -> set[UUID]:
    reached: set[UUID] = set()
    # An automation that any run fires is asked by each place until one gets through: an excluded
    # deployment can hold it back once.
    unasked = deque(others.open)
    places, waiting = set(automation.runs), deque(automation.runs)
    while waiting:
        place = waiting.popleft()
        fired = [one for one, way in others.by_deployment.get(place, ()) if way.takes(place)]
        for _ in range(len(unasked)):
            one, way = unasked.popleft()
            if way.takes(place):
                fired.append(one)
            else:
                unasked.append((one, way))
        for one in fired:
            if one.id not in reached:
                reached.add(one.id)
                new = [target for target in one.runs if target not in places]
                places.update(new)
                waiting.extend(new)
    return reached


def _leading_to(automation: Other, others: Others) -> set[UUID]:
    leading = {automation.id}
    places = set(others.running)
    waiting = deque([automation])
    while waiting:
        for way in waiting.popleft().reaches:
            within = places if way.only is None else places & way.only
            taken = [place for place in within if way.takes(place)]
            places.difference_update(taken)
            for place in taken:
                new = [one for one in others.running[place] if one.id not in leading]
                leading.update(one.id for one in new)
                waiting.extend(new)
    return leading
