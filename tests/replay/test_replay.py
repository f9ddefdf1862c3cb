"""The recorded traffic of Prefect's client, against the API: same statuses, same shapes."""

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection

from events_app.storage import reader
from project.lib import redis_client
from tests.replay.deliberate import DELIBERATE
from tests.replay.server import Server
from tests.replay.session import Exchange, Replayer, differences, exchanges, flow_names

PLAYED = exchanges()
SESSIONS = sorted({exchange.session for exchange in PLAYED})


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    log = redis_client.client()
    log.flushall()
    with asyncio.Runner() as runner:
        yield Server(runner, log)
    reader.close_idle()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE event")


@pytest.mark.parametrize("session", SESSIONS)
def test_every_request_is_answered_as_prefect_answers(server: Server, session: int) -> None:
    mine = [exchange for exchange in PLAYED if exchange.session == session]
    replayer = Replayer(server.send, flow_names(mine))
    unexplained, reasons = [], set()

    for exchange in mine:
        answer = replayer.play(exchange)
        for difference in answer.differences:
            why = {each.why for each in DELIBERATE if each.explains(answer, difference)}
            reasons |= why
            if not why:
                unexplained.append(f"{exchange.number} {exchange.route}: {difference}")

    assert unexplained == []
    assert {each.why for each in DELIBERATE if session in each.sessions} <= reasons


def test_the_recording_is_whole() -> None:
    assert len(PLAYED) == 976
    assert len({exchange.capability for exchange in PLAYED}) > 70
    assert {exchange.session for exchange in PLAYED} == {0, 1, 2}


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        ({"a": 1}, {}, [".a is missing"]),
        ({}, {"a": 1}, [".a is new"]),
        ({"a": 1}, {"a": "1"}, [".a: number -> text"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": True}]}, [".a[].b: number -> boolean"]),
        ({"a": None}, {"a": 1}, []),
        ({"parameters": {"x": 1}}, {"parameters": {"y": ""}}, []),
        ([{"name": "x", "a": 1}], [{"name": "y", "a": ""}, {"name": "x", "a": 2}], []),
    ],
)
def test_shapes_are_compared_by_keys_and_types(
    there: object, here: object, expected: object
) -> None:
    assert list(differences(there, here)) == expected


def test_a_route_has_no_ids() -> None:
    path = "/api/flow_runs/8c2b4f60-7d3c-4e0c-9f77-2f8a1d9f1a11/set_state"
    exchange = Exchange(0, 0, "", "", "POST", path, "", None, 200, None)

    assert exchange.route == "POST /flow_runs/{}/set_state"
