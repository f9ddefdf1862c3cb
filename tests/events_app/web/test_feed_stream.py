"""/events/stream of the running product, read line by line as a browser does."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.events_app.api.test_socket_out import sent
from tests.system import Product, wait_for

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]


@pytest.fixture
def client(product: Product) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    with httpx.Client(base_url=product.url, follow_redirects=True, timeout=15) as client:
        page = client.get("/sign-in/").text
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"username": product.user, "password": product.password}
        answer = client.post("/sign-in/", data=form | {"csrfmiddlewaretoken": token[1]})
        assert answer.url.path == "/"
        yield client


@contextmanager
def feed(client: httpx.Client, **said: Any) -> Iterator[Iterator[dict[str, str]]]:
    """The messages of one stream: their fields by name."""
    with client.stream("GET", "/events/stream", **said) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _messages(answer)


def _messages(answer: httpx.Response) -> Iterator[dict[str, str]]:
    message: dict[str, str] = {}
    for line in answer.iter_lines():
        name, colon, value = line.partition(": ")
        if colon and name:
            message[name] = value
        elif not line and message:
            yield message
            message = {}


def names(messages: Iterator[dict[str, str]], count: int) -> list[str]:
    """The names of the first events, in the order in which they came."""
    found: list[str] = []
    for message in messages:
        if "data" in message and "event" not in message:
            found += [row["event"] for row in reversed(json.loads(message["data"])["rows"])]
        if len(found) >= count:
            break
    return found


def until_there(client: httpx.Client, name: str) -> None:
    wait_for(
        lambda: name in client.get("/events/", params={"name": name}).text.split("<tbody")[-1],
        seconds=10,
    )


def place_of(client: httpx.Client) -> str:
    found = re.search('data-after="([^"]+)"', client.get("/events/").text)
    assert found is not None
    return found[1]


def test_what_was_received_since_the_page_comes_first_then_what_comes(
    product: Product, client: httpx.Client
) -> None:
    name = uuid4().hex
    after = place_of(client)
    sent(product, f"{name}.1", "another", f"{name}.2")
    until_there(client, f"{name}.2")

    with feed(client, params={"after": after, "name": f"{name}*"}) as messages:
        first = names(messages, 2)
        sent(product, "another", f"{name}.3")
        later = names(messages, 1)

    assert (first, later) == ([f"{name}.1", f"{name}.2"], [f"{name}.3"])


def test_who_was_cut_off_misses_nothing(product: Product, client: httpx.Client) -> None:
    name = uuid4().hex
    query = {"name": f"{name}*", "after": place_of(client)}
    sent(product, f"{name}.1")
    with feed(client, params=query) as messages:
        last = next(message for message in messages if "id" in message)
    sent(product, f"{name}.2", f"{name}.3")

    with feed(client, params=query, headers={"Last-Event-ID": last["id"]}) as messages:
        assert names(messages, 2)[-2:] == [f"{name}.2", f"{name}.3"]


def test_who_was_cut_off_gets_as_many_as_the_list_keeps(
    product: Product, client: httpx.Client
) -> None:
    name = uuid4().hex
    query = {"name": f"{name}*", "after": place_of(client)}
    sent(product, *(f"{name}.{n}" for n in range(300)))

    with feed(client, params=query) as messages:
        rows, skipped = 0, 0
        for message in messages:
            if "data" in message:
                data = json.loads(message["data"])
                rows, skipped = rows + len(data["rows"]), skipped + data["skipped"]
            if rows + skipped >= 300:
                break

    assert (rows, skipped) == (300, 0)


def test_of_a_flood_the_newest_are_shown_and_the_others_counted(
    product: Product, client: httpx.Client
) -> None:
    name = uuid4().hex

    with feed(client, params={"name": f"{name}*", "after": place_of(client)}) as messages:
        sent(product, f"{name}.first")
        assert names(messages, 1) == [f"{name}.first"]  # from here on it is live
        sent(product, *(f"{name}.{n}" for n in range(400)))
        skipped, shown = 0, list[str]()
        for message in messages:
            if "data" in message:
                data = json.loads(message["data"])
                skipped += data["skipped"]
                shown += [row["event"] for row in data["rows"]]
            if skipped + len(shown) == 400:
                break

    assert f"{name}.399" in shown
    assert skipped > 0


def test_what_a_row_did_comes_as_a_second_message(product: Product, client: httpx.Client) -> None:
    name = uuid4().hex
    trigger = {"type": "event", "posture": "Reactive", "expect": [name], "threshold": 1}
    document = {"name": name, "trigger": trigger, "actions": [{"type": "do-nothing"}]}
    with product.client() as api:
        api.post("/automations/", json=document).raise_for_status()

    with feed(client, params={"name": name, "after": place_of(client)}) as messages:
        sent(product, name)
        row = json.loads(next(one for one in messages if "data" in one)["data"])["rows"][0]
        outcomes = next(one for one in messages if one.get("event") == "outcomes")

    assert json.loads(outcomes["data"]) == {row["id"]: [1, 0]}


def test_nobody_hears_anything_without_a_session(product: Product) -> None:
    answer = httpx.get(f"{product.url}/events/stream")

    assert (answer.status_code, answer.json()) == (401, {"detail": "Sign in to see events."})


@pytest.mark.parametrize(
    ("params", "sentence"),
    [({"label": "nonsense"}, "name=value"), ({"q": "fate:fired"}, "fate: has no stream")],
    ids=["not a label", "what came of it"],
)
def test_a_filter_that_cannot_be_used_is_told(
    params: dict[str, str], sentence: str, client: httpx.Client
) -> None:
    answer = client.get("/events/stream", params=params)

    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


def test_a_session_that_ends_ends_the_stream(product: Product, client: httpx.Client) -> None:
    page = client.get("/events/").text
    token = re.search('"x-csrftoken": "([^"]+)"', page)
    assert token is not None
    said = {"x-csrftoken": token[1], "referer": product.url, "origin": product.url}

    with feed(client) as messages:
        httpx.post(f"{product.url}/sign-out/", cookies=dict(client.cookies), headers=said)
        began = time.monotonic()
        over = next(message for message in messages if message.get("event") == "over")

    assert over["data"] == "signed out"
    assert time.monotonic() - began < 30


def test_a_place_before_everything_gets_what_there_is(
    product: Product, client: httpx.Client
) -> None:
    name = uuid4().hex
    sent(product, f"{name}.1")
    until_there(client, f"{name}.1")

    with feed(client, params={"after": "0-0-0", "name": f"{name}*"}) as messages:
        assert names(messages, 1) == [f"{name}.1"]
