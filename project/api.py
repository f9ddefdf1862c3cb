"""The one API: Prefect's paths, bodies and status codes. Every app adds its routers here.

Paths are declared without a trailing slash; TrailingSlash serves both forms.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError, ValidationErrorContext

from accounts_app.api.access import ApiAccess, identify
from project.lib import api_errors
from project.lib.api_parser import StrictParser
from project.openapi import completed


class Api(NinjaAPI):
    def get_openapi_schema(self, **kwargs: Any) -> Any:
        return completed(super().get_openapi_schema(**kwargs))

    def validation_error_from_error_contexts(
        self, error_contexts: "list[ValidationErrorContext[Any]]"
    ) -> ValidationError:
        """Locations as the client wrote them: a lone body has no name of its own."""
        count = sum(each.pydantic_validation_error.error_count() for each in error_contexts)
        if count > api_errors.MOST_LISTED:
            return ValidationError([api_errors.too_many(count)])
        error = super().validation_error_from_error_contexts(error_contexts)
        lone = {getattr(c.model, "__read_from_single_attr__", None) for c in error_contexts}
        for problem in error.errors:
            source, *rest = problem["loc"]
            if source == "body" and rest and rest[0] in lone:
                problem["loc"] = [source, *rest[1:]]
        return error


def _guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The documentation is for those who may use the API."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if identify(request) is None:
            return redirect_to_login(request.get_full_path())
        return view(request, **kwargs)

    return guarded


api = Api(
    title="Flint",
    version=settings.FLINT_VERSION,
    description="Prefect's REST API, served by Flint.",
    urls_namespace="api",
    docs_url="/docs",
    docs_decorator=_guarded,
    auth=ApiAccess(),
    parser=StrictParser(),
)
api_errors.install(api)

api.add_router("", "project.system_api.router")
api.add_router("", "triggers_app.api.templates.router")
api.add_router("/events", "events_app.api.events.router")
# First, as "backtest" could be an id.
api.add_router("/automations", "triggers_app.api.explaining.router")
api.add_router("/automations", "triggers_app.api.automations.router")
api.add_router("/automations", "triggers_app.api.actions.router")
api.add_router("/brakes", "triggers_app.api.pausing.router")
api.add_router("/block_documents", "triggers_app.api.blocks.router")
api.add_router("/block_types", "triggers_app.api.block_types.router")
api.add_router("/block_schemas", "triggers_app.api.block_types.schemas")
api.add_router("/block_capabilities", "triggers_app.api.block_types.capabilities")
# First, as "history" and the like could be ids.
api.add_router("/flows", "runs_app.api.paginated.flows")
api.add_router("/flows", "runs_app.api.bulk.flows")
api.add_router("/deployments", "runs_app.api.paginated.deployments")
api.add_router("/deployments", "runs_app.api.bulk.of_deployments")
api.add_router("/flow_runs", "runs_app.api.paginated.flow_runs")
api.add_router("/flow_runs", "runs_app.api.bulk.flow_runs")
api.add_router("/flow_runs", "runs_app.api.histories.of_flow_runs")
api.add_router("/task_runs", "runs_app.api.paginated.of_task_runs")
api.add_router("/task_runs", "runs_app.api.histories.of_task_runs")
api.add_router("/flows", "runs_app.api.flows.router")
api.add_router("/deployments", "runs_app.api.deployments.router")
api.add_router("/deployments", "runs_app.api.schedules.router")
api.add_router("/flow_runs", "runs_app.api.flow_runs.router")
api.add_router("/flow_run_states", "runs_app.api.run_states.of_flow_runs")
api.add_router("/task_runs", "runs_app.api.task_runs.router")
api.add_router("/task_run_states", "runs_app.api.run_states.of_task_runs")
api.add_router("/flow_runs", "runs_app.api.run_inputs.router")
api.add_router("/variables", "runs_app.api.variables.router")
api.add_router("/artifacts", "runs_app.api.artifacts.router")
api.add_router("/logs", "runs_app.api.logs.router")
api.add_router("/work_pools", "runs_app.api.work_pools.router")
api.add_router("/work_pools", "runs_app.api.work_queues.of_pool")
api.add_router("/work_pools", "runs_app.api.workers.router")
api.add_router("/work_queues", "runs_app.api.work_queues.router")
api.add_router("/work_pools", "runs_app.api.slot_holders.pools")
api.add_router("/work_queues", "runs_app.api.slot_holders.queues")
api.add_router("/collections", "runs_app.api.workers.collections")
api.add_router("/v2/concurrency_limits", "runs_app.api.slots.router")
api.add_router("/concurrency_limits", "runs_app.api.slots.by_tag")
api.add_router("/v2/concurrency_limits", "runs_app.api.concurrency_limits.router")
api.add_router("/concurrency_limits", "runs_app.api.concurrency_limits.of_tags")
