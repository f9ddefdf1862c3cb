"""What every kind of action says of itself, in one place: its fields, words and place in menus."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from triggers_app.automation.plain_words import shortened

Source = Literal["selected", "inferred"]
DeploymentName = Callable[[UUID], str | None]
"""The name of a deployment; None for one that is gone."""

UNCHOSEN = "unchosen"
"""The type of the problem that an action lacks the object that it is about."""

GROUPS = (
    "Deployments",
    "Notifications",
    "Flow run of the event",
    "Work pools and queues",
    "Automations",
    "Nothing",
)
"""The groups of the builder's menu, in its order."""


class BaseAction(BaseModel):
    """An action's document. A kind of action is a class below, and an entry in `ACTIONS`.

    `title` and `group` are its place in the builder's menu. `about` is the kind of object that it
    acts on, as resource ids name it. `texts` are the keys whose templates are rendered when it is
    carried out. `blank` is what a new one holds beside its type. `extra_keys` are keys that
    Flint knows and Prefect's model does not; `lines` are fields of several lines.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    title: ClassVar[str]
    group: ClassVar[str]
    about: ClassVar[str | None] = None
    texts: ClassVar[tuple[str, ...]] = ()
    blank: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    extra_keys: ClassVar[tuple[str, ...]] = ()
    lines: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def kind(cls) -> str:
        """The `type` of its documents."""
        return str(cls.model_fields["type"].default)

    def words(self, deployment_name: DeploymentName) -> str:
        """What it does, within a sentence: "run nightly-load / prod", "call a webhook"."""
        return self.title[0].lower() + self.title[1:]


class Selecting(BaseAction):
    """An action on one object: the selected one, or the one inferred from the event."""

    blank = MappingProxyType({"source": "selected"})

    source: Source = "selected"

    @classmethod
    def target_key(cls) -> str:
        """The key of the selected object's id, such as `work_pool_id`."""
        return f"{str(cls.about).replace('-', '_')}_id"

    @property
    def target_id(self) -> UUID | None:
        return cast("UUID | None", getattr(self, self.target_key()))

    @property
    def target_resource(self) -> str | None:
        """The selected object's resource id, such as `prefect.deployment.<id>`."""
        return None if self.target_id is None else f"prefect.{self.about}.{self.target_id}"

    def words(self, deployment_name: DeploymentName) -> str:
        verb, _, what = self.kind().partition("-")
        what = what.replace("-", " ")
        if self.target_id is None:
            return f"{verb} the event's {what}"
        if self.about != "deployment":
            return f"{verb} {what} {self.target_id}"
        name = deployment_name(self.target_id)
        return f"{verb} {'a deployment that is gone' if name is None else shortened(name)}"

    @model_validator(mode="after")
    def _id_fits_the_source(self) -> Self:
        named = {"target": self.target_key()}
        if self.source == "selected" and self.target_id is None:
            raise PydanticCustomError(
                UNCHOSEN, "`{target}` is required when `source` is `selected`.", named
            )
        if self.source == "inferred" and self.target_id is not None:
            raise PydanticCustomError(
                "value_error", "`{target}` is not allowed when `source` is `inferred`.", named
            )
        return self
