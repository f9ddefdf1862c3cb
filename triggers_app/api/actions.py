"""Flint's own paths below an automation's firings: what became of actions, and trying again."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from project.lib.api_errors import ApiError
from project.lib.clock import utcnow
from project.lib.json_documents import Document
from triggers_app.api.automations import author, existing_id
from triggers_app.models import ActionRun
from triggers_app.services import retrying

router = Router(tags=["automations"])


@router.post("/{automation_id}/firings/{firing_id}/actions/{index}/retry", response=Any)
def retry_action(request: HttpRequest, automation_id: str, firing_id: str, index: str) -> Document:
    if not index.isdigit() or len(index) > 4:
        raise ApiError(404, {"detail": "Not Found"})
    try:
        action = retrying.action_of(existing_id(automation_id), existing_id(firing_id), int(index))
        run = retrying.retry(action, author=author(request), now=utcnow())
    except ActionRun.DoesNotExist:
        raise ApiError(404, {"detail": "Action not found"}) from None
    except retrying.NotFailed as error:
        raise ApiError(409, {"detail": str(error)}) from None
    return {
        "id": run.pk,
        "firing_id": run.firing_id,
        "index": run.index,
        "state": run.state,
        "retries": run.retries,
    }
