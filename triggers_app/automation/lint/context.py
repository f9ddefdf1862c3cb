"""What lint may know beyond the document. A rule whose facts are missing stays silent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from project.lib.problems import Loc
from triggers_app.automation.document import meaning
from triggers_app.automation.lint.seen_names import SeenNames
from triggers_app.automation.loops.links import Others
from triggers_app.automation.triggers import Trigger

# (path of a trigger, or of one map of its `match_related`; label).
Lacking = tuple[Loc, str]


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """A deployment that an action selects. `parameters` are its own, `schema` that of its flow."""

    name: str
    exists: bool = True
    paused: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Rendering:
    """What became of one parameter when it was rendered for an example event.

    Its value; or, where there is none, the engine's sentence about it in `problem`. `unseen`:
    no event was seen that it could have been rendered for, and only such data is missing.
    """

    value: Any = None
    problem: str | None = None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class BacktestFacts:
    """What the engine made of recorded events: over how long, and firings in the busiest hour."""

    covered: timedelta
    firings: int
    busiest_hour: int


@dataclass(frozen=True, slots=True)
class LintContext:
    """Everything is optional; None means "not known", an empty mapping "none there".

    - `written`: the document as its author wrote it, where that is still at hand (L09; reading
      it raises `within` to what a proactive trigger needs).
    - `event_names`: those that were recorded (L08).
    - `label_values`: label → value → count, of the primary resource; labels of related ones
      as `for_each` names them, `related:<role>:<label>` (L01, L16, L20). Leave out labels
      with more values than were read.
    - `lacking`: (path of the trigger, label) → share from 0 to 1 of the events that meet every
      other condition but lack the label; for a map of `match_related` its own path (L06, L07).
    - `related_per_role`: role → the most resources of it seen on one event (L02).
    - `finished`: resource id of something that ended for good → resource id of the deployment
      it belonged to, or None (L14).
    - `deployments`: those that actions select (L11, L13, L21); one that is not in it is not
      known. `gone`: resource ids of other selected things that were deleted (L13).
    - `rendered`: path of a parameter, such as `("actions", 0, "parameters", "limit")`, → what
      the template engine made of it (L10, L11). The engine stands above the domain, so the
      caller renders with `engine.templates_parameters.render_parameters`: each of `values` is
      a Rendering's `value`, each of `problems` its `problem` at that problem's own path.
    - `payload_fields`: names at the top of the payloads of matching events (L21's fix).
    - `others`: the other enabled automations, for the loop search (L12).
    - `same_triggers`: see `by_meaning` (L15). `automation_id`: of the document itself, so
      that it is not taken for another automation.
    - `backtest`, `noisy_per_hour` (L18, L19); `retention` of recorded events (L17).
    """

    written: Mapping[str, Any] | None = None
    event_names: SeenNames | None = None
    label_values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    lacking: Mapping[Lacking, float] = field(default_factory=dict)
    related_per_role: Mapping[str, int] = field(default_factory=dict)
    finished: Mapping[str, str | None] = field(default_factory=dict)
    deployments: Mapping[UUID, DeploymentFacts] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    rendered: Mapping[Loc, Rendering] = field(default_factory=dict)
    payload_fields: frozenset[str] = frozenset()
    others: Others | None = None
    same_triggers: Mapping[str, Sequence[tuple[UUID, str]]] = field(default_factory=dict)
    automation_id: UUID | None = None
    backtest: BacktestFacts | None = None
    noisy_per_hour: int = 60
    retention: timedelta | None = None


def by_meaning(
    automations: Iterable[tuple[UUID, str, Trigger]],
) -> dict[str, list[tuple[UUID, str]]]:
    """Id and name of automations by what their triggers mean, for `Facts.same_triggers`."""
    grouped: dict[str, list[tuple[UUID, str]]] = {}
    for automation_id, name, trigger in automations:
        grouped.setdefault(meaning(trigger), []).append((automation_id, name))
    return grouped
