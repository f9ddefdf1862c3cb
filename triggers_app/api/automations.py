"""`/automations`: Prefect's paths, bodies and status codes."""

from typing import Any, NoReturn
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import TypeAdapter

from accounts_app.services.access import KeyIdentity
from project.lib.api_errors import ApiError
from project.lib.api_parser import parse_json
from project.lib.clock import utcnow
from project.lib.json_documents import Document
from project.lib.warning_header import warn
from triggers_app.api.schemas import CountBody, FilterBody, documented, read_body
from triggers_app.automation.document import AutomationDocument
from triggers_app.automation.parsing import PartialDocument, parse_partial_update, parse_posted
from triggers_app.models import Automation
from triggers_app.reads import automation_documents
from triggers_app.services import authoring, save_warnings

router = Router(tags=["automations"])
_BODY = documented(TypeAdapter(AutomationDocument).json_schema(), required=True)
_SWITCH = documented(PartialDocument.model_json_schema(), required=True)
_FILTER = documented(FilterBody.model_json_schema(), required=False)
_COUNT = documented(CountBody.model_json_schema(), required=False)


@router.post("", response={201: Any}, openapi_extra=_BODY)
def create_automation(request: HttpRequest, response: HttpResponse) -> Status[Document]:
    automation = parse_posted(parse_json(request.body), tell_slips=True)
    row = authoring.create(automation, author=author(request), now=utcnow())
    warn(response, save_warnings.of(automation, row))
    return Status(201, automation_documents.automation_document(row))


@router.post("/filter", response=Any, openapi_extra=_FILTER)
def read_automations(request: HttpRequest) -> list[Document]:
    body = read_body(request, FilterBody)
    return automation_documents.documents(body.query(), **body.page())


@router.post("/count", response=int, openapi_extra=_COUNT)
def count_automations(request: HttpRequest) -> int:
    return automation_documents.count(read_body(request, CountBody).query())


@router.get("/related-to/{path:resource_id}", response=Any)
def automations_related_to(request: HttpRequest, resource_id: str) -> list[Document]:
    return automation_documents.documents_related_to(resource_id)


@router.delete("/owned-by/{path:resource_id}", response={202: None})
def delete_owned_by(request: HttpRequest, resource_id: str) -> HttpResponse:
    authoring.delete_owned_by(resource_id, now=utcnow())
    return HttpResponse("null", status=202, content_type="application/json")


@router.get("/{automation_id}", response=Any)
def read_automation(request: HttpRequest, automation_id: str) -> Document:
    try:
        return automation_documents.document(existing_id(automation_id))
    except Automation.DoesNotExist:
        not_found()


@router.put("/{automation_id}", response={204: None}, openapi_extra=_BODY)
def replace_automation(request: HttpRequest, automation_id: str) -> HttpResponse:
    automation = parse_posted(parse_json(request.body), tell_slips=True)
    try:
        row = authoring.replace(
            existing_id(automation_id),
            automation,
            keeps_options=True,
            author=author(request),
            now=utcnow(),
        )
    except Automation.DoesNotExist:
        not_found()
    return _saved(save_warnings.of(automation, row))


@router.patch("/{automation_id}", response={204: None}, openapi_extra=_SWITCH)
def enable_automation(request: HttpRequest, automation_id: str) -> HttpResponse:
    change = parse_partial_update(parse_json(request.body))
    try:
        row = authoring.enable(
            existing_id(automation_id), change.enabled, author=author(request), now=utcnow()
        )
    except Automation.DoesNotExist:
        not_found()
    return _saved(save_warnings.of(None, row))


@router.delete("/{automation_id}", response={204: None})
def delete_automation(request: HttpRequest, automation_id: str) -> HttpResponse:
    try:
        authoring.delete(existing_id(automation_id), author=author(request), now=utcnow())
    except Automation.DoesNotExist:
        not_found()
    return HttpResponse(status=204)


def _saved(warnings: list[str]) -> HttpResponse:
    response = HttpResponse(status=204)
    warn(response, warnings)
    return response


def author(request: HttpRequest) -> str:
    identity: KeyIdentity = request.auth  # type: ignore[attr-defined]  # set by ninja
    return identity.name


def existing_id(text: str) -> UUID:
    """The id in a path. Raises ApiError 404 when it is none, as an unknown path would."""
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(404, {"detail": "Not Found"}) from None


def not_found() -> NoReturn:
    raise ApiError(404, {"exception_message": "Automation not found"}) from None
