"""Changes of values made in the very text that says them: what does not change keeps its bytes.

The text is cut only where the values differ. 1. A changed scalar is put in the place of the
old one. 2. A new key or item gets lines of its own, behind the one that precedes it. 3. What
is gone takes its lines with it; comments above a key stay. 4. An item that moved takes its
comments along. 5. An anchor keeps its place while its node stands; an alias that would no
longer say the right value is written out. Whoever calls reads the outcome again and compares.
"""

from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Any

from triggers_app.automation.formats.yaml.cuts import Cutting, indented
from triggers_app.automation.formats.yaml.match import pairs_of, same, style_of
from triggers_app.automation.formats.yaml.text import Style, dashed, entry, inline, parts, scalar
from triggers_app.automation.formats.yaml.tree import (
    Alias,
    Mapping,
    Scalar,
    Sequence,
    Untraceable,
    YamlEntry,
    YamlNode,
    children,
)

_GONE = object()


def edited(text: str, root: YamlNode, old: Any, new: Any) -> str | None:
    """The text that says `new` where it said `old`; None where it cannot be done in place."""
    try:
        editing = _Editing(text, root)
        editing.change(root, old, new)
        return editing.outcome()
    except (Untraceable, StopIteration, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Holder:
    """What a value hangs on: a key or a dash in `column`; it begins at `after`."""

    after: int
    column: int
    is_dash: bool
    flow: bool


class _Editing(Cutting):
    def __init__(self, text: str, root: YamlNode) -> None:
        super().__init__(text)
        self._style = style_of(text, root)
        self._anchors: dict[str, Any] = {}

    def change(self, node: YamlNode, old: Any, new: Any, holder: _Holder | None = None) -> None:
        """Make this node, which says `old`, say `new`."""
        if isinstance(node, Alias):
            if not same(self._anchors.get(node.anchor or "", _GONE), new):
                self._replace(node, new, holder)
            return
        if isinstance(node, Mapping) and isinstance(old, dict) and isinstance(new, dict):
            if self._change_mapping(node, old, new):
                self._keep_anchor(node, new)
                return
        elif isinstance(node, Sequence) and isinstance(old, list) and isinstance(new, list):
            if self._change_sequence(node, old, new):
                self._keep_anchor(node, new)
                return
        elif same(old, new):
            self._keep_anchor(node, new)
            return
        self._replace(node, new, holder)

    def _keep_anchor(self, node: YamlNode, value: Any) -> None:
        if node.anchor:
            self._anchors[node.anchor] = value

    def _drop_anchors(self, node: YamlNode) -> None:
        if node.anchor and not isinstance(node, Alias):
            self._anchors[node.anchor] = _GONE
        for child in children(node):
            self._drop_anchors(child)

    # Mappings

    def _change_mapping(self, node: Mapping, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """False when nothing of it can stay.

        A key may stand in the text and in neither value: it says nothing, and stays. Or in
        `old` and not in the text: that is implied, and is not written while it is the same.
        """
        own = [each for each in node.entries if not each.is_merge]
        gone = [each for each in own if each.name in old and each.name not in new]
        kept = [each for each in node.entries if each not in gone]
        if not kept and (new or node.entries):
            return False
        column = self._column(node.entries[0].key.start) if node.entries else 0
        names = {each.name for each in own}
        merged: dict[str, Any] = {}
        for each in node.entries:
            if each.is_merge:
                values = self._merged(each.value, new)
                if values is None:
                    gone.append(each)
                    kept.remove(each)
                else:
                    merged = values | merged
            elif each in kept and each.name in new:
                holder = _Holder(each.after, column, False, node.flow)
                self.change(each.value, old.get(each.name, _GONE), new[each.name], holder)
        if not kept:
            return False
        for each in gone:
            self._drop_anchors(each.value)
        has_merges = len(own) < len(node.entries)
        said = merged if has_merges else {key: old[key] for key in old if key not in names}
        added = [key for key in new if key not in names and not _says(said, key, new[key])]
        if node.flow:
            self._remove_flow(node.entries, gone)
            pieces = {key: inline({key: new[key]})[1:-1] for key in added}
            self._insert_flow([each.name for each in kept], kept, list(new), pieces)
        else:
            self._remove_entries(node, gone)
            self._insert_entries(kept, new, added, column)
        return True

    def _merged(self, node: YamlNode, new: dict[str, Any]) -> dict[str, Any] | None:
        """The values that a merge brings, as they will be; None when it brings a key too many."""
        sources = node.items if isinstance(node, Sequence) else [node]
        values: dict[str, Any] = {}
        for source in reversed(sources):
            value = self._anchors.get(source.anchor or "", _GONE)
            if not isinstance(source, Alias) or not isinstance(value, dict):
                raise Untraceable("a merge of something else than an alias")
            values |= value
        return values if all(key in new for key in values) else None

    def _remove_entries(self, node: Mapping, gone: Many[YamlEntry]) -> None:
        kept = [each for each in node.entries if each not in gone]
        for each in gone:
            start = self._line_start(each.key.start)
            if self._text[start : each.key.start].strip():
                # It shares its line with a dash: the next key moves up to that.
                self._move_up(each, kept[0])
            elif each.key.start > kept[0].key.start or node.entries[0].key.start != each.key.start:
                if not self._is_moved_over(node, each, kept[0]):
                    self._cut(start, self._next_line(each.value.end), "")
            else:
                self._cut(start, self._next_line(each.value.end), "")

    def _is_moved_over(self, node: Mapping, each: YamlEntry, first_kept: YamlEntry) -> bool:
        """Whether the cut of the first entry, on the line of a dash, covers this one, too."""
        first = node.entries[0].key.start
        on_dash = bool(self._text[self._line_start(first) : first].strip())
        return on_dash and each.key.start < first_kept.key.start

    def _move_up(self, first: YamlEntry, kept: YamlEntry) -> None:
        between = self._text[first.value.end : kept.key.start].split("\n")[1:-1]
        comments = [line for line in between if line.strip().startswith("#")]
        start = self._line_start(first.key.start)
        if comments:
            self._cut(start, start, "".join(line.rstrip("\r") + self._newline for line in comments))
        self._cut(first.key.start, kept.key.start, "")

    def _insert_entries(
        self, kept: Many[YamlEntry], new: dict[str, Any], added: Many[str], column: int
    ) -> None:
        keys, by_name = list(new), {each.name: each for each in kept}
        for key in added:
            lines = entry(key, new[key], self._style)
            before = [by_name[name] for name in keys[: keys.index(key)] if name in by_name]
            if before or key == keys[-1] or not kept:
                anchor = max(before or kept, key=lambda each: each.key.start)
                self._insert_below(anchor.value.end, lines, column)
            else:
                self._insert_above(kept[0].key.start, lines, column)

    # Sequences

    def _change_sequence(self, node: Sequence, old: list[Any], new: list[Any]) -> bool:
        pairs = pairs_of(old, new)
        if not any(index is not None for index in pairs) and (new or old):
            return False
        kept = [index for index in pairs if index is not None]
        gone = [index for index in range(len(old)) if index not in kept]
        column = 0 if node.flow else self._column(node.dashes[0])
        if not node.flow and gone + [i for i, each in enumerate(pairs) if each is None]:
            self._require_own_line(node.dashes[0])
        for position, index in enumerate(pairs):
            if index is not None:
                after = node.items[index].start if node.flow else node.dashes[index] + 1
                holder = _Holder(after, column, True, node.flow)
                self.change(node.items[index], old[index], new[position], holder)
        for index in gone:
            self._drop_anchors(node.items[index])
        if node.flow:
            removed = [node.items[index] for index in gone]
            self._remove_flow(node.items, removed)
            self._insert_flow_items(node, pairs, new)
        else:
            self._remove_items(node, gone)
            self._insert_items(node, pairs, old, new, column)
        return True

    def _require_own_line(self, dash: int) -> None:
        if self._text[self._line_start(dash) : dash].strip():
            raise Untraceable("a list that begins on the line of another dash")

    def _remove_items(self, node: Sequence, gone: Many[int]) -> None:
        for index in gone:
            start = self._with_comments_above(self._line_start(node.dashes[index]))
            self._cut(start, self._next_line(node.items[index].end), "")

    def _insert_items(
        self,
        node: Sequence,
        pairs: Many[int | None],
        old: list[Any],
        new: list[Any],
        column: int,
    ) -> None:
        moved = [index for index in range(len(old)) if index not in pairs]
        previous: int | None = None
        for position, index in enumerate(pairs):
            if index is not None:
                previous = index
                continue
            lines = self._moved(node, moved, old, new[position])
            indent = 0 if lines is not None else column
            lines = lines if lines is not None else dashed(new[position], self._style)
            if previous is not None:
                self._insert_below(node.items[previous].end, lines, indent)
            else:
                first = node.dashes[next(each for each in pairs if each is not None)]
                at = self._with_comments_above(self._line_start(first))
                put = [indented(line, indent) + self._newline for line in lines]
                self._cut(at, at, "".join(put))

    def _moved(
        self, node: Sequence, moved: list[int], old: list[Any], value: Any
    ) -> list[str] | None:
        """The very lines of an item that stood elsewhere in the list, comments included."""
        for index in moved:
            if same(old[index], value):
                moved.remove(index)
                start = self._with_comments_above(self._line_start(node.dashes[index]))
                chunk = self._text[start : self._line_end(node.items[index].end)]
                return chunk.replace("\r\n", "\n").split("\n")
        return None

    # Flow collections

    def _remove_flow(
        self, members: Many[YamlEntry] | Many[YamlNode], gone: Many[YamlEntry | YamlNode]
    ) -> None:
        spans = [_extent(each) for each in members]
        kept = [index for index, each in enumerate(members) if each not in gone]
        for index in range(len(members)):
            if index in kept:
                continue
            if any(other > index for other in kept):
                self._cut(spans[index][0], spans[index + 1][0], "")
            else:
                self._cut(spans[index - 1][1], spans[index][1], "")

    def _insert_flow(
        self,
        names: Many[str],
        kept: Many[YamlEntry],
        keys: Many[str],
        pieces: dict[str, str],
    ) -> None:
        by_name = dict(zip(names, kept, strict=True))
        for key, piece in pieces.items():
            before = [by_name[name] for name in keys[: keys.index(key)] if name in by_name]
            if before:
                at = max(each.value.end for each in before)
                self._cut(at, at, f", {piece}")
            else:
                at = min(each.key.start for each in kept)
                self._cut(at, at, f"{piece}, ")

    def _insert_flow_items(self, node: Sequence, pairs: Many[int | None], new: list[Any]) -> None:
        previous: int | None = None
        for position, index in enumerate(pairs):
            if index is not None:
                previous = index
            elif previous is not None:
                at = node.items[previous].end
                self._cut(at, at, f", {inline(new[position])}")
            else:
                at = node.items[next(each for each in pairs if each is not None)].start
                self._cut(at, at, f"{inline(new[position])}, ")

    # Single values

    def _replace(self, node: YamlNode, new: Any, holder: _Holder | None) -> None:
        if holder is None:
            raise Untraceable("the whole document")
        keeps_anchor = (
            node.anchor and not isinstance(node, Alias) and not isinstance(new, dict | list)
        )
        start = node.content if keeps_anchor else node.start
        for child in children(node):
            self._drop_anchors(child)
        if not isinstance(node, Alias):
            self._anchors[node.anchor or ""] = new if keeps_anchor else _GONE
        like = node.style if isinstance(node, Scalar) else None
        if holder.flow:
            flat = (
                inline(new) if isinstance(new, dict | list) else scalar(new, flow=True, like=like)
            )
            self._cut(start, node.end, flat if node.start < node.end else f" {flat}")
            return
        head, tail = self._parts(new, holder, like)
        indent = " " * holder.column
        below = "".join(self._newline + (indent + line if line else "") for line in tail)
        if "\n" in self._text[holder.after : start]:
            end = self._line_end(holder.after)
            self._cut(holder.after, holder.after, f" {head}" if head else "")
            self._cut(end, self._line_end(node.end), below)
        else:
            begin = start if keeps_anchor else holder.after
            space = "" if keeps_anchor or not head else " "
            self._cut(begin, max(begin, node.end), space + head)
            end = self._line_end(max(begin, node.end))
            self._cut(end, end, below)

    def _parts(self, new: Any, holder: _Holder, like: str | None) -> tuple[str, list[str]]:
        if holder.is_dash:
            first, *rest = dashed(new, self._style)
            if isinstance(new, dict | list):
                return first.removeprefix("- "), rest
            return parts(new, Style(2, 2), like=like)
        return parts(new, self._style, like=like)


def _says(merged: dict[str, Any], key: str, value: Any) -> bool:
    return key in merged and same(merged[key], value)


def _extent(member: YamlEntry | YamlNode) -> tuple[int, int]:
    if isinstance(member, YamlEntry):
        return member.key.start, member.value.end
    return member.start, member.end
