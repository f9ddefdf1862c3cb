"""What became of what: old and new values compared, and how a text is indented."""

import json
from difflib import SequenceMatcher
from typing import Any

from triggers_app.automation.formats.yaml.text import Style
from triggers_app.automation.formats.yaml.tree import Mapping, Sequence, YamlNode, children


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def pairs_of(old: list[Any], new: list[Any]) -> list[int | None]:
    """For each new item the old one that becomes it: equal ones first, then by their place."""
    texts = [[json.dumps(each, sort_keys=True) for each in items] for items in (old, new)]
    pairs: list[int | None] = [None] * len(new)
    matcher = SequenceMatcher(None, texts[0], texts[1], autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            pairs[new_start:new_end] = range(old_start, old_end)
        elif kind == "replace":
            # Items that only moved are not to be turned into others.
            left = [i for i in range(old_start, old_end) if texts[0][i] not in texts[1]]
            free = [i for i in range(new_start, new_end) if texts[1][i] not in texts[0]]
            for index, position in zip(left, free, strict=False):
                pairs[position] = index
    return pairs


def style_of(text: str, root: YamlNode) -> Style:
    """How far this text indents: the first nested mapping and the first list say it."""
    step, dash = 0, -1
    waiting = [root]
    while waiting and not (step and dash >= 0):
        node = waiting.pop(0)
        waiting += children(node)
        if not isinstance(node, Mapping) or node.flow:
            continue
        for each in node.entries:
            column = each.key.start - (text.rfind("\n", 0, each.key.start) + 1)
            inner = each.value
            below = inner.content - (text.rfind("\n", 0, inner.content) + 1) - column
            if isinstance(inner, Mapping) and not inner.flow and inner.entries:
                step = step or below
            elif isinstance(inner, Sequence) and not inner.flow and inner.dashes:
                dash = below if dash < 0 else dash
    return Style(step if step > 0 else 2, dash if dash >= 0 else 2)
