"""What the builder's own regions are rendered from: the form, its problems, what is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from runs_app.domain.states import StateType
from triggers_app.automation.actions import MENU
from triggers_app.automation.blocks import METHODS
from triggers_app.automation.document import METRIC_LISTS
from triggers_app.automation.triggers import LEAVES
from triggers_app.builder.drafts.draft_analysis import DraftAnalysis
from triggers_app.builder.drafts.targets import Targets, targets_of
from triggers_app.builder.form_view import ActionView, NodeView, actions_of, tree_of
from triggers_app.builder.selection import ALL, SETTINGS, chosen, owner_of
from triggers_app.models import Draft

FORM = "form"  # the slot of what concerns no field


@dataclass(frozen=True, slots=True)
class FormContext:
    """The form. `problems` are sentences by the name of a field."""

    draft_id: UUID
    fields: Mapping[str, str]
    tree: NodeView | None
    lists: list[tuple[str, list[ActionView]]]
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    targets: Targets = field(default_factory=Targets)
    finding: Mapping[str, str] = field(default_factory=dict)  # what targets are looked for by
    at: str = ALL  # what the inspector shows
    fresh: str = ""  # what was just added

    @property
    def action_menu(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return MENU

    @property
    def state_choices(self) -> list[tuple[str, str]]:
        return [(state.value, state.value.capitalize()) for state in StateType]

    @property
    def method_choices(self) -> list[tuple[str, str]]:
        return [(method, method) for method in METHODS]

    @property
    def nodes(self) -> list[NodeView]:
        return list(self.tree.walk()) if self.tree else []

    @property
    def slots(self) -> set[str]:
        """Names beside which the page has room for problems."""
        return slots_of(self.fields, self.nodes, self.lists)

    @property
    def leaves(self) -> int:
        return sum(not node.is_group for node in self.nodes)

    @property
    def in_view(self) -> list[NodeView]:
        """The nodes whose fields the inspector shows."""
        return [one for one in self.nodes if self.at in (ALL, one.name)]

    @property
    def changing(self) -> list[NodeView]:
        """The nodes whose lines an edit of a shown field may change: it, and the groups around."""
        by_id = {one.id: one for one in self.nodes}
        # What is in a group follows its labels.
        parts = {part.id: part for one in self.in_view for part in one.walk()}
        for one in self.in_view:
            while one.parent and (one := by_id[one.parent]).id not in parts:
                parts[one.id] = one
        return list(parts.values())

    @property
    def lists_in_view(self) -> list[tuple[str, list[ActionView]]]:
        """Lists with the actions whose fields the inspector shows, without the empty ones."""
        lists = [
            (of, [one for one in actions if self.at in (ALL, one.name)])
            for of, actions in self.lists
        ]
        return [(of, actions) for of, actions in lists if actions]

    @property
    def has_texts(self) -> bool:
        """Whether what the inspector shows has templates, which are a form of their own."""
        actions = [one for _, each in self.lists_in_view for one in each]
        return any(one.texts or one.kind == "run-deployment" for one in actions)

    @property
    def is_settings(self) -> bool:
        return self.at in (ALL, SETTINGS)

    def is_in_view(self, name: str) -> bool:
        """Whether the page has the slot of these problems just now."""
        if name == FORM or name == "name" or (name.count(".") == 1 and name.startswith("a.")):
            return True
        owner = owner_of(name)
        return self.at == ALL or (owner == self.at if owner else self.at == SETTINGS)

    def words_of(self, action: ActionView) -> str:
        """The line of an action: what it does, to what, with how many parameters."""
        target = self.targets.names.get(action.fields.get(f"{action.about}_id", ""), "")
        verb = action.kind.partition("-")[0].capitalize()
        words = f"{verb} {target}" if target else action.title
        if action.about and action.fields.get("source") == "inferred":
            words = f"{verb} the event's {action.about.replace('_', ' ')}"
        if action.parameters:
            words += f" · {action.parameters} parameter{'s' if action.parameters > 1 else ''}"
        return words

    @property
    def settings_words(self) -> str:
        """The line of the settings."""
        tags = [tag for tag in self.fields.get("tags", "").split("\n") if tag]
        most = self.fields.get("max_actions_per_minute", "")
        words = [f"max {most} actions a minute"] if most else []
        words += [", ".join(tags)] if tags else []
        words += ["described"] if self.fields.get("description") else []
        return " · ".join(words) or "Description, tags, limit"


def form_context(
    draft: Draft,
    reading: DraftAnalysis,
    *,
    problems: Mapping[str, Sequence[str]] | None = None,
    whole: bool = True,
    finding: Mapping[str, str] | None = None,
    at: str = ALL,
    fresh: str = "",
) -> FormContext:
    """The form of a draft; `problems` are added to those of the document.

    `at` is what the inspector shows, or should; `fresh` a part that is not yet called incomplete.

    At most two queries for each kind of target that actions name; none unless `whole`.
    """
    fields = reading.fields
    tree = tree_of(draft.document, fields, reading.node_sentences)
    lists = _lists(draft, fields)
    nodes = list(tree.walk()) if tree else []
    by_field = _problems(reading, problems or {}, slots_of(fields, nodes, lists))
    owners: list[str] = [node.name for node in nodes] + [
        one.name for _, each in lists for one in each
    ]
    selected = chosen(at, owners, by_field)
    if fresh and fresh == selected:
        by_field = {name: each for name, each in by_field.items() if owner_of(name) != fresh}
    return FormContext(
        draft.pk,
        fields,
        tree,
        lists,
        by_field,
        targets_of(draft.document, finding or {}) if whole else Targets(),
        finding or {},
        selected,
        fresh if fresh == selected else "",
    )


def slots_of(
    fields: Mapping[str, str],
    nodes: Sequence[NodeView],
    lists: Sequence[tuple[str, list[ActionView]]],
) -> set[str]:
    """Every field, every node and its conditions, every list and every action."""
    slots = {FORM, *fields}
    for node in nodes:
        slots |= {node.name} | ({f"{node.name}.match"} if node.kind in LEAVES else set())
    for of, actions in lists:
        slots |= {f"a.{of}", *(action.name for action in actions)}
    return slots


def _problems(
    reading: DraftAnalysis, more: Mapping[str, Sequence[str]], slots: set[str]
) -> dict[str, list[str]]:
    """What is wrong, by the name of the slot: what was just refused comes first."""
    problems: dict[str, list[str]] = {}
    for name, sentences in [*more.items(), *reading.field_problems.items()]:
        known = problems.setdefault(_slot(name, slots), [])
        known.extend(sentence for sentence in sentences if sentence not in known)
    return problems


def _slot(name: str, slots: set[str]) -> str:
    """The nearest one around a name that has none of its own."""
    while name and name not in slots:
        name = name.rpartition(".")[0]
    return name or FORM


def _lists(draft: Draft, fields: Mapping[str, str]) -> list[tuple[str, list[ActionView]]]:
    """When it fires; the other two where the trigger is a metric, or they hold something."""
    trigger = draft.document.get("trigger")
    is_metric = isinstance(trigger, Mapping) and trigger.get("type") == "metric"
    lists = [("actions", actions_of(draft.document, fields, "actions"))]
    for name in METRIC_LISTS:
        actions = actions_of(draft.document, fields, name)
        if is_metric or actions:
            lists.append((name, actions))
    return lists
