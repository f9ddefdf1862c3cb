"""Which lines of logs somebody asks for."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runs_app.api.filters import LogFilter
from runs_app.domain.log_lines import LogLine, decode_lines, encode_lines, line_test, log_text
from runs_app.models import Log
from runs_app.reads import filters
from tests.runs_app.examples import NOW

RUN, TASK = UUID(int=1), UUID(int=2)


def a_line(number: int, **fields: Any) -> LogLine:
    given: dict[str, Any] = {"name": "n", "level": 20, "message": "Order paid", "timestamp": NOW}
    given |= fields
    moment = given["timestamp"]
    return LogLine(id=UUID(int=number), created=moment, updated=moment, **given)


LINES = [
    a_line(1, flow_run_id=RUN),
    a_line(2, flow_run_id=RUN, task_run_id=TASK, level=40, message="order LOST"),
    a_line(3, timestamp=NOW + timedelta(minutes=1)),
    a_line(4, flow_run_id=UUID(int=9), level=10, message="é paid"),
]
FILTERS: list[tuple[Any, list[int]]] = [
    (None, [1, 2, 3, 4]),
    ({}, [1, 2, 3, 4]),
    ({"level": {"ge_": 20}}, [1, 2, 3]),
    ({"level": {"le_": 20}}, [1, 3, 4]),
    ({"level": {"ge_": 20, "le_": 30}}, [1, 3]),
    ({"timestamp": {"after_": (NOW + timedelta(seconds=1)).isoformat()}}, [3]),
    ({"timestamp": {"before_": NOW.isoformat()}}, [1, 2, 4]),
    ({"timestamp": {}}, [1, 2, 3, 4]),
    ({"timestamp": {"is_null_": True}}, []),
    ({"flow_run_id": {"any_": [str(RUN)]}}, [1, 2]),
    ({"flow_run_id": {"not_any_": [str(RUN)]}}, [4]),
    ({"flow_run_id": {"any_": []}}, []),
    ({"task_run_id": {"any_": [str(TASK)]}}, [2]),
    ({"task_run_id": {"is_null_": True}}, [1, 3, 4]),
    ({"text": {"query": "ORDER paid"}}, [1, 3]),
    ({"text": {"query": "É"}}, []),
    ({"text": {"query": "é PAID"}}, [4]),
    ({"operator": "or_", "level": {"ge_": 40}, "text": {"query": "é"}}, [2, 4]),
]


@pytest.mark.parametrize(("document", "expected"), FILTERS)
@pytest.mark.django_db
def test_a_filter_means_the_same_live_and_in_the_table(document: Any, expected: list[int]) -> None:
    filter = LogFilter.model_validate(document or {})
    columns = ("name", "level", "message", "timestamp", "flow_run_id", "task_run_id")
    Log.objects.bulk_create(
        Log(pk=line.id.int, **{name: getattr(line, name) for name in columns}) for line in LINES
    )

    live = [line.id.int for line in LINES if line_test(filter)(line)]

    assert live == expected
    found = filters.logs(filter).order_by("pk").values_list("pk", flat=True)
    assert list(found) == expected


def test_lines_come_back_as_they_were_told() -> None:
    assert decode_lines(encode_lines(LINES)) == LINES


def test_a_line_is_told_as_prefects_server_does() -> None:
    told = json.loads(log_text(LINES[1]))

    assert told["type"] == "log"
    assert told["log"] == {
        "id": str(UUID(int=2)),
        "created": "2026-03-01T12:00:00Z",
        "updated": "2026-03-01T12:00:00Z",
        "name": "n",
        "level": 40,
        "message": "order LOST",
        "timestamp": "2026-03-01T12:00:00Z",
        "flow_run_id": str(RUN),
        "task_run_id": str(TASK),
    }
