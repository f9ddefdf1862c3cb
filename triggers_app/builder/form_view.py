"""A draft's document as the form shows it: nodes and actions with their fields. Pure.

A draft may be incomplete, so nothing here takes a key or a type for granted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triggers_app.automation.actions import ACTION_TEXTS, ACTIONS, Selecting, keys_of_action
from triggers_app.automation.editing.unfinished import INCOMPLETE
from triggers_app.automation.triggers import GROUPS, TRIGGERS, kind_of

_KEPT_BESIDE = {"metric": {"posture"}, "compound": {"triggers"}, "sequence": {"triggers"}}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label and the values of which any will do; `name` is the prefix of its fields."""

    name: str
    label: str
    values: str


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node of the trigger. `fields` are the texts of its own fields by their short names."""

    id: str
    kind: str
    fields: Mapping[str, str]
    match: list[LabelRow]
    related: list[list[LabelRow]]
    sentence: str
    unknown: list[str]
    children: list["NodeView"] = field(default_factory=list)
    parent: str = ""  # the id of the group that it stands in; "" for the root
    depth: int = 0
    index: int = 0
    siblings: int = 1
    into: bool = False  # a group stands beside it
    given: tuple[str, ...] = ()  # labels that the groups around it are keyed by

    @property
    def name(self) -> str:
        return f"n.{self.id}"

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS

    @property
    def absent(self) -> bool:
        return self.kind == "event" and self.fields.get("posture") == "Proactive"

    @property
    def frame(self) -> str:
        """The word in the frame of a group: ALL, ANY, 2 OF 3, THEN."""
        if self.kind == "sequence":
            return "THEN"
        require = self.fields.get("require", "all")
        return require.upper() if require in ("all", "any") else f"{require} OF {self.count}"

    @property
    def line(self) -> str:
        """Its line in the tree: what a leaf says, or how a group holds its parts together."""
        if not self.is_group:
            words = self.sentence.removeprefix("When ").rstrip(".")
            return "" if self.sentence.startswith(INCOMPLETE) else words
        within, each = self.fields.get("within", ""), self.fields.get("for_each", "").split("\n")
        labels = ", ".join(f"`{label}`" for label in each if label)
        parts = [
            f"of {self.count}" if self.frame in ("ALL", "ANY") else "",
            f"within {within}" if within else "",
            f"for each {labels}" if labels else "",
        ]
        return " · ".join(part for part in parts if part) or "in this order"

    @property
    def count(self) -> int:
        return len(self.children)

    @property
    def requirements(self) -> list[tuple[str, str]]:
        """What a compound may require, with the words for it; never without what it requires."""
        words = [("all", f"all {self.count} of"), ("any", "any of")]
        words += [(str(n), f"at least {n} of") for n in range(2, min(self.count, 50))]
        now = self.fields.get("require", "all")
        if now not in dict(words):
            words.append((now, f"at least {now} of"))
        return words

    @property
    def next_turn(self) -> str:
        """What the key `o` makes of a group: all, any, in order, and all again."""
        if self.kind == "sequence":
            return "all"
        return {"all": "any", "any": "sequence"}.get(self.fields.get("require", "all"), "all")

    def walk(self) -> Iterator["NodeView"]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action card. `of` (its list) and `index` are its place in the document."""

    of: str
    index: int
    kind: str
    fields: Mapping[str, str]
    total: int
    parameters: int
    unknown: list[str]

    @property
    def name(self) -> str:
        return f"a.{self.of}.{self.index}"

    @property
    def place(self) -> str:
        return f"{self.of}:{self.index}"

    @property
    def title(self) -> str:
        model = ACTIONS.get(self.kind)
        return model.title if model else self.kind

    @property
    def about(self) -> str:
        """The kind of object that somebody selects for it, as its key names it; or nothing."""
        model = ACTIONS.get(self.kind)
        selecting = model is not None and issubclass(model, Selecting)
        return str(model.about).replace("-", "_") if model and selecting else ""

    @property
    def has_block(self) -> bool:
        return "block_document_id" in keys_of_action(self.kind)

    @property
    def texts(self) -> tuple[str, ...]:
        return ACTION_TEXTS.get(self.kind, ())


def tree_of(
    document: Mapping[str, Any], fields: Mapping[str, str], sentences: Mapping[str, str]
) -> NodeView | None:
    """The trigger as it is shown; None while there is nothing that could be called one."""
    by_node = _by_owner(fields, "n.")
    trigger = document.get("trigger")
    return _node(trigger, by_node, sentences) if isinstance(trigger, Mapping) else None


def _node(
    node: Mapping[str, Any],
    by_node: Mapping[str, Mapping[str, str]],
    sentences: Mapping[str, str],
    **place: Any,
) -> NodeView:
    kind, node_id = kind_of(dict(node)), str(node.get("id", ""))
    own = by_node.get(node_id, {})
    labels = [label for label in own.get("for_each", "").split("\n") if label]
    given = tuple(dict.fromkeys([*place.get("given", ()), *labels]))
    listed = _members(node.get("triggers")) if kind in GROUPS else ()
    parts = [part for part in listed if isinstance(part, Mapping)]
    groups = {index for index, part in enumerate(parts) if kind_of(dict(part)) in GROUPS}
    children = [
        _node(
            part, by_node, sentences, parent=node_id, depth=place.get("depth", 0) + 1, given=given,
            index=index, siblings=len(parts), into=bool(groups & {index - 1, index + 1}),
        )
        for index, part in enumerate(parts)
    ]  # fmt: skip
    return NodeView(
        node_id, kind, own, _rows(own, f"n.{node_id}", "match"), _related(own, f"n.{node_id}"),
        sentences.get(node_id, ""), _unknown(node, kind), children, **place,
    )  # fmt: skip


def _related(own: Mapping[str, str], name: str) -> list[list[LabelRow]]:
    numbers = {int(key.split(".")[1]) for key in own if key.startswith("related.")}
    return [_rows(own, name, f"related.{number}") for number in sorted(numbers)]


def _rows(own: Mapping[str, str], name: str, short: str) -> list[LabelRow]:
    rows, number = [], 0
    while (label := own.get(f"{short}.{number}.label")) is not None:
        values = own.get(f"{short}.{number}.values", "")
        rows.append(LabelRow(f"{name}.{short}.{number}", label, values))
        number += 1
    return rows


def _unknown(node: Mapping[str, Any], kind: str) -> list[str]:
    model = TRIGGERS.get(kind)
    known = {"type", *(model.model_fields if model else ()), *_KEPT_BESIDE.get(kind, ())}
    return [str(key) for key in node if key not in known]


def actions_of(document: Mapping[str, Any], fields: Mapping[str, str], of: str) -> list[ActionView]:
    """The actions of one of the three lists."""
    listed = document.get(of)
    own = _by_owner(fields, f"a.{of}.")
    actions = [one for one in _members(listed) if isinstance(one, Mapping)]
    return [
        _action(one, of, index, len(actions), own.get(str(index), {}))
        for index, one in enumerate(actions)
    ]


def _members(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _action(
    action: Mapping[str, Any], of: str, index: int, total: int, own: Mapping[str, str]
) -> ActionView:
    kind = str(action.get("type", "do-nothing"))
    known = {"type", "source", *keys_of_action(kind)}
    parameters = action.get("parameters")
    count = len(parameters) if isinstance(parameters, Mapping) else 0
    unknown = [str(key) for key in action if key not in known]
    return ActionView(of, index, kind, own, total, count, unknown)


def _by_owner(fields: Mapping[str, str], prefix: str) -> dict[str, dict[str, str]]:
    """`n.<id>.<rest>` by `<id>` and `<rest>`: one pass, so that a large tree stays cheap."""
    by_owner: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        if name.startswith(prefix):
            owner, _, rest = name.removeprefix(prefix).partition(".")
            by_owner.setdefault(owner, {})[rest] = value
    return by_owner
