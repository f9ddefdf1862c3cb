"""Actions that send a text: a notification through a block, or a call of a webhook."""

import json
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    BeforeValidator,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from triggers_app.automation.actions.base import BaseAction
from triggers_app.automation.blocks import address_problems


class SendNotification(BaseAction):
    title = "Send a notification"
    group = "Notifications"
    texts = ("subject", "body")
    blank = MappingProxyType(
        {"subject": "{{ automation.name }} fired", "body": "{{ event.event }}"}
    )

    type: Literal["send-notification"] = "send-notification"
    block_document_id: UUID
    subject: str = "Prefect automated notification"
    body: str


def _as_text(value: object) -> object:
    return json.dumps(value, indent=2) if isinstance(value, dict) else value


class CallWebhook(BaseAction):
    """Either names a block, as in Prefect, or says itself where to (Flint's own keys)."""

    title = "Call a webhook"
    group = "Notifications"
    texts = ("payload",)
    extra_keys = ("url", "method", "headers")

    type: Literal["call-webhook"] = "call-webhook"
    block_document_id: UUID | None = None
    payload: Annotated[str, BeforeValidator(_as_text)] = ""

    @model_validator(mode="after")
    def _says_where_to(self) -> Self:
        extra = self.model_extra or {}
        own = {name: value for name, value in extra.items() if name in self.extra_keys}
        if self.block_document_id is None and "url" not in own:
            raise PydanticCustomError(
                "missing", "`block_document_id` is required, or in Flint a `url`."
            )
        if self.block_document_id is not None and own:
            raise PydanticCustomError(
                "value_error",
                "The block says where to; leave `{names}` out.",
                {"names": "`, `".join(own)},
            )
        if own and (problems := address_problems(own, ())):
            raise PydanticCustomError(
                "value_error", "{why}", {"why": " ".join(problem.msg for problem in problems)}
            )
        return self

    @model_serializer(mode="wrap")
    def _without_an_empty_block(self, usual: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = usual(self)
        if self.block_document_id is None:
            document.pop("block_document_id", None)
        return document
