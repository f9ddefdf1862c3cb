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
from triggers_app.builder.form_view import ShownAction, ShownNode, actions_of, tree_of
from triggers_app.models import Draft

# With more nodes than this only groups stand open, so that the whole can be seen.
MOST_OPEN = 3
FORM = "form"  # the slot of what concerns no field


@dataclass(frozen=True, slots=True)
class FormContext:
    """The form. `problems` are sentences by the name of a field; `open` the ids of nodes."""

    draft_id: UUID
    fields: Mapping[str, str]
    tree: ShownNode | None
    lists: list[tuple[str, list[ShownAction]]]
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    targets: Targets = field(default_factory=Targets)
    finding: Mapping[str, str] = field(default_factory=dict)  # what targets are looked for by

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
    def nodes(self) -> list[ShownNode]:
        return list(self.tree.walk()) if self.tree else []

    @property
    def slots(self) -> set[str]:
        """Names beside which the page has room for problems."""
        return slots_of(self.fields, self.nodes, self.lists)

    @property
    def leaves(self) -> int:
        return sum(not node.is_group for node in self.nodes)

    @property
    def open(self) -> set[str]:
        """Groups, and everything where little is there; what has a problem stands open, too."""
        nodes = self.nodes
        troubled = {name.split(".")[1] for name in self.problems if name.startswith("n.")}
        few = len(nodes) <= MOST_OPEN
        return {one.id for one in nodes if few or one.is_group or one.id in troubled}


def shown_of(
    draft: Draft,
    reading: DraftAnalysis,
    *,
    problems: Mapping[str, Sequence[str]] | None = None,
    whole: bool = True,
    finding: Mapping[str, str] | None = None,
) -> FormContext:
    """The form of a draft; `problems` are added to those of the document.

    At most two queries for each kind of target that actions name; none unless `whole`.
    """
    fields = reading.fields
    tree = tree_of(draft.document, fields, reading.node_sentences)
    lists = _lists(draft, fields)
    nodes = list(tree.walk()) if tree else []
    return FormContext(
        draft.pk,
        fields,
        tree,
        lists,
        _problems(reading, problems or {}, slots_of(fields, nodes, lists)),
        targets_of(draft.document, finding or {}) if whole else Targets(),
        finding or {},
    )


def slots_of(
    fields: Mapping[str, str],
    nodes: Sequence[ShownNode],
    lists: Sequence[tuple[str, list[ShownAction]]],
) -> set[str]:
    """Every field, every node and its conditions, every list and every action."""
    found = {FORM, *fields}
    for node in nodes:
        found |= {node.name} | ({f"{node.name}.match"} if node.kind in LEAVES else set())
    for of, actions in lists:
        found |= {f"a.{of}", *(action.name for action in actions)}
    return found


def _problems(
    reading: DraftAnalysis, more: Mapping[str, Sequence[str]], slots: set[str]
) -> dict[str, list[str]]:
    """What is wrong, by the name of the slot: what was just refused comes first."""
    found: dict[str, list[str]] = {}
    for name, sentences in [*more.items(), *reading.field_problems.items()]:
        known = found.setdefault(_slot(name, slots), [])
        known.extend(sentence for sentence in sentences if sentence not in known)
    return found


def _slot(name: str, slots: set[str]) -> str:
    """The nearest one around a name that has none of its own."""
    while name and name not in slots:
        name = name.rpartition(".")[0]
    return name or FORM


def _lists(draft: Draft, fields: Mapping[str, str]) -> list[tuple[str, list[ShownAction]]]:
    """When it fires; the other two where the trigger is a metric, or they hold something."""
    trigger = draft.document.get("trigger")
    is_metric = isinstance(trigger, Mapping) and trigger.get("type") == "metric"
    lists = [("actions", actions_of(draft.document, fields, "actions"))]
    for name in METRIC_LISTS:
        actions = actions_of(draft.document, fields, name)
        if is_metric or actions:
            lists.append((name, actions))
    return lists
