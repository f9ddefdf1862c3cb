"""`/…/paginate`: pages by number."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from runs_app.models import FlowRun, TaskRun
from tests.runs_app.api.conftest import ApiClient
from tests.runs_app.examples import NOW, a_deployment, a_run

NOUNS = ("flows", "deployments", "flow_runs", "task_runs")


@pytest.fixture
def three_of_each(api: ApiClient) -> None:
    for number in range(3):
        run_id = a_run(a_deployment(f"served-{number}", flow=f"flow-{number}"))
        TaskRun.objects.create(
            flow_run_id=run_id, task_key="t", dynamic_key="0", name="t", created=NOW, updated=NOW
        )


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.usefixtures("three_of_each")
def test_a_page_says_how_many_there_are(api: ApiClient, noun: str) -> None:
    first = api.post(f"/{noun}/paginate", {"limit": 2, "sort": None})
    last = api.post(f"/{noun}/paginate", {"limit": 2, "page": 2})
    whole = api.post(f"/{noun}/filter")

    listed = [each["id"] for each in [*first["results"], *last["results"]]]
    assert listed == [each["id"] for each in whole]
    assert first["results"][0].keys() == whole[0].keys()
    assert {**first, "results": len(first["results"])} == {
        "results": 2, "count": 3, "limit": 2, "pages": 2, "page": 1,
    }  # fmt: skip
    assert (len(last["results"]), last["page"]) == (1, 2)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.usefixtures("three_of_each")
def test_a_page_costs_one_query_more_than_a_list(api: ApiClient, noun: str) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            api.post(path)
        return len(queries)

    cost(f"/{noun}/filter")  # the key is known from now on

    assert cost(f"/{noun}/paginate") == cost(f"/{noun}/filter") + 1


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("wrong", [{"page": 0}, {"limit": 201}, {"sort": "NO"}])
def test_what_is_no_page_is_refused(api: ApiClient, noun: str, wrong: dict[str, Any]) -> None:
    assert api.call("POST", f"/{noun}/paginate", wrong)[0] == 422


def test_no_lines_make_no_pages(api: ApiClient) -> None:
    page = api.post("/flow_runs/paginate", {"limit": 0})

    assert page == {"results": [], "count": 0, "limit": 0, "pages": 0, "page": 1}
    assert not FlowRun.objects.exists()
