"""Action documents, wire-compatible with Prefect 3.9.1, and the registry of their kinds.

`Action` lists the kinds; everything else is read from their classes. The recipe for a new kind
is in CONTRIBUTING.md.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args

from pydantic import Discriminator, Tag

from triggers_app.automation.actions.automations import PauseAutomation, ResumeAutomation
from triggers_app.automation.actions.base import GROUPS, BaseAction, DeploymentName, Selecting
from triggers_app.automation.actions.deployments import (
    PauseDeployment,
    ResumeDeployment,
    RunDeployment,
)
from triggers_app.automation.actions.flow_runs import (
    CancelFlowRun,
    ChangeFlowRunState,
    DeleteFlowRun,
    ResumeFlowRun,
    SuspendFlowRun,
)
from triggers_app.automation.actions.messages import CallWebhook, SendNotification
from triggers_app.automation.actions.nothing import DoNothing
from triggers_app.automation.actions.work import (
    PauseWorkPool,
    PauseWorkQueue,
    ResumeWorkPool,
    ResumeWorkQueue,
)

__all__ = [
    "ACTIONS",
    "ACTION_KINDS",
    "ACTION_TEXTS",
    "MENU",
    "TARGETS",
    "Action",
    "AnyAction",
    "CallWebhook",
    "ChangeFlowRunState",
    "DeploymentName",
    "ResumeDeployment",
    "RunDeployment",
    "Selecting",
    "SendNotification",
    "keys_of_action",
    "kind_of_action",
]

Action = (
    DoNothing
    | RunDeployment
    | PauseDeployment
    | ResumeDeployment
    | CancelFlowRun
    | ChangeFlowRunState
    | SuspendFlowRun
    | ResumeFlowRun
    | DeleteFlowRun
    | PauseWorkQueue
    | ResumeWorkQueue
    | PauseWorkPool
    | ResumeWorkPool
    | PauseAutomation
    | ResumeAutomation
    | SendNotification
    | CallWebhook
)
ACTIONS: Mapping[str, type[BaseAction]] = {model.kind(): model for model in get_args(Action)}
"""The class of every kind of action, by its `type`."""
ACTION_KINDS = tuple(ACTIONS)
TARGETS = {kind: model.about for kind, model in ACTIONS.items() if model.about}
"""The kind of object that an action is about, as its resource id names it."""
ACTION_TEXTS = {kind: model.texts for kind, model in ACTIONS.items() if model.texts}
"""The texts that an action sends, which are templates."""
MENU = [
    (group, [(kind, model.title) for kind, model in ACTIONS.items() if model.group == group])
    for group in GROUPS
]
"""The builder's menu: groups with the kinds in them and their titles."""


def kind_of_action(value: object) -> str:
    """The `type` of an action's document or model; "?" where it has none."""
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return kind if isinstance(kind, str) else "?"


def keys_of_action(kind: str) -> tuple[str, ...]:
    """The keys that an action of this type knows; none of a type that nobody knows."""
    model = ACTIONS.get(kind)
    return () if model is None else (*model.model_fields, *model.extra_keys)


if TYPE_CHECKING:
    AnyAction = Action
else:
    _TAGGED: tuple[Any, ...] = tuple(Annotated[model, Tag(kind)] for kind, model in ACTIONS.items())
    AnyAction = Annotated[Union[_TAGGED], Discriminator(kind_of_action)]  # noqa: UP007
