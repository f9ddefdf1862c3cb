"""Whatever the API's description lets one ask is answered as the description says.

Schemathesis makes up requests for every operation, good ones and bad ones, half of them about
things that exist. The running product answers; never with 500, and never with a status, type
or body that is not described.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from project.api import api
from tests.system import Product, running_product

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.xdist_group("described")]

EXAMPLES = 20  # of each operation, good and bad
# They say what is missing with 503, and that is described.
READINESS = {"/api/health", "/api/ready"}
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str))
FOUND = [each.ok() for each in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()]  # type: ignore[union-attr]  # an Err raises
OPERATIONS = {f"{each.method.upper()} {each.path}": each for each in FOUND if each is not None}


@pytest.fixture(scope="module")
def described() -> Iterator[tuple[Product, dict[str, str]]]:
    """A product of its own, with one thing of each kind: ids by the names of parameters."""
    for product in running_product():
        with product.client() as http:
            yield product, one_of_each(http)


def one_of_each(http: httpx.Client) -> dict[str, str]:
    def made(path: str, **body: Any) -> dict[str, Any]:
        answer = http.post(path, json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    flow = made("/flows", name="flow")
    made("/work_pools", name="pool", type="process")
    deployment = made("/deployments", name="deployment", flow_id=flow["id"])
    run = made(f"/deployments/{deployment['id']}/create_flow_run")
    data = {"url": "https://example.org"}
    block = made("/block_documents", name="block", block_type_slug="webhook", data=data)
    trigger = {"type": "event", "posture": "Reactive", "expect": ["nothing"]}
    automation = made("/automations", name="a", enabled=False, trigger=trigger, actions=[])
    return {
        "flow_id": flow["id"],
        "deployment_id": deployment["id"],
        "run_id": run["id"],
        "block_id": block["id"],
        "automation_id": automation["id"],
        "flow_name": "flow",
        "name": "pool",
    }


def cases(operation: Any, known: dict[str, str]) -> "st.SearchStrategy[Any]":
    """Good and bad requests; where it has parameters in its path, also of what exists."""
    names = {parameter.name for parameter in operation.path_parameters}
    real = {name: value for name, value in known.items() if name in names}
    ways = [operation.as_strategy()]
    if operation.body or operation.query or operation.path_parameters:
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE))
    if real and operation.method.upper() != "DELETE" and real.keys() == names:
        ways.append(operation.as_strategy(path_parameters=real))
    return st.one_of(ways)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name: str, described: tuple[Product, dict[str, str]]) -> None:
    product, known = described
    operation = OPERATIONS[name]
    checks = CHECKS if operation.path in READINESS else [*CHECKS, not_a_server_error]
    headers = {"Authorization": f"Bearer {product.key}"}

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, known))
    def answered(case: Any) -> None:
        if "/automations" in operation.path and isinstance(case.body, dict):
            # Hundreds that match every event would keep the evaluator from all else.
            case.body = {**case.body, "enabled": False}
        case.call_and_validate(base_url=product.url, headers=headers, checks=checks, timeout=30)

    random.seed(0)
    answered()
