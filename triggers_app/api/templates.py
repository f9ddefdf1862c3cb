"""`/templates/validate`: whether a template can be used, as Prefect answers it."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from project.lib.api_parser import parse_json
from project.lib.problems import Invalid, Problem
from runs_app.api.answers import answer, nothing
from triggers_app.api.schemas import documented
from triggers_app.automation.templating.templates import TemplateProblem, compile_once

router = Router(tags=["templates"])
_BODY = documented({"type": "string", "default": ""}, required=False)


@router.post("/templates/validate", response={204: None}, openapi_extra=_BODY)
@router.post(
    "/automations/templates/validate",
    response={204: None},
    openapi_extra=_BODY,
    operation_id="validate_template_of_automation",
)
def validate_template(request: HttpRequest) -> HttpResponse:
    template = parse_json(request.body) if request.body.strip() else ""
    if not isinstance(template, str):
        raise Invalid([Problem((), "The body must be a text: the template.", "string_type")])
    try:
        compile_once(template)
    except TemplateProblem as problem:
        error = {"line": problem.line, "message": str(problem), "source": template}
        return answer({"error": error}, 422)
    return nothing()
