"""What the inspector shows: a condition, an action, the settings, or all of them on one page."""

import re
from collections.abc import Iterable

ALL, SETTINGS = "all", "settings"
SELECT = "select:"
_FOCUS = re.compile(
    r"(?:node-(?P<node>[^.]+)|action-(?P<of>\w+)-(?P<index>\d+)"
    r"|field-(?P<field>n\.[^.]+|a\.\w+\.\d+)(?:\..*)?)"
)


def owner_of(name: str) -> str:
    """The condition `n.<id>` or action `a.<list>.<index>` that has a field; "" for others."""
    steps = name.split(".")
    size = {"n": 2, "a": 3}.get(steps[0], 0)
    return ".".join(steps[:size]) if size and len(steps) >= size else ""


def of_focus(focus: str | None) -> str:
    """The same of the DOM id that should have the focus."""
    known = _FOCUS.fullmatch(focus or "")
    if known is None:
        return ""
    if known["node"]:
        return f"n.{known['node']}"
    return known["field"] or f"a.{known['of']}.{known['index']}"


def chosen(at: str, owners: Iterable[str], problems: Iterable[str]) -> str:
    """`at` where there is such a part; else the first with a problem, else the first of all."""
    parts = list(owners)
    if at in (ALL, SETTINGS) or at in parts:
        return at
    troubled = {owner_of(name) for name in problems}
    return next((one for one in parts if one in troubled), parts[0] if parts else SETTINGS)
