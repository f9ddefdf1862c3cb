"""Documents as they are stored: what this version can read of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from triggers_app.automation.actions.base import DeploymentName
from triggers_app.automation.document import ON_RESOLVE, AutomationDocument
from triggers_app.automation.wording import automation_sentence

_DEPLOYMENT = "prefect.deployment."

UNREADABLE = "This version cannot read its document, so it cannot say what it does."


def document_or_none(stored: dict[str, Any]) -> AutomationDocument | None:
    try:
        return AutomationDocument.model_validate(stored)
    except ValidationError:
        return None


def deployments_in(resources: Iterable[str]) -> list[UUID]:
    """The ids in `prefect.deployment.<id>`, which we wrote ourselves."""
    return [UUID(text[len(_DEPLOYMENT) :]) for text in resources if text.startswith(_DEPLOYMENT)]


def effects_of(
    document: AutomationDocument | None, deployment_name: DeploymentName, *, resolved: bool
) -> list[str]:
    """In words what follows from a firing; `resolved`: of a metric that left its condition."""
    if document is None:
        return []
    return [
        action.words(deployment_name)
        for (name, _), action in document.placed_actions
        if (name == ON_RESOLVE) is resolved
    ]


def sentence_of(document: dict[str, Any], names: dict[UUID, str]) -> str:
    automation = document_or_none(document)
    return UNREADABLE if automation is None else automation_sentence(automation, names.get)
