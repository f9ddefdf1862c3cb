"""Recorded requests sent again, one after the other, and the answers laid beside those of Prefect.

`recorded.jsonl.gz`: what the client, commands and workers of prefect 3.9.1 sent to Prefect's own
server (3.9.1, SQLite) on 2026-11-22, and what it answered; one JSON object a line, in the order
in which the requests came. A `session` is one server that began with an empty database.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from project.lib.clock import utcnow

RECORDED = Path(__file__).parent / "recorded.jsonl.gz"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?")
# What is between these keys belongs to whoever sent it: any keys, any types.
FREE = frozenset(
    {
        "parameters", "labels", "context", "job_variables", "parameter_openapi_schema",
        "base_job_template", "payload", "task_inputs", "empirical_policy", "data", "value",
        "exception_detail", "request_body", "resource", "state_details", "details",
        "default_base_job_configuration", "variables", "run_input", "detail", "options",
    }
)  # fmt: skip


_POOL = re.compile("/api/work_pools/([^/]+)/?")
_BY_NAME = re.compile("/api/deployments/name/([^/]+)/")
_TOKEN = "page-token="
_MAKING = {"POST /deployments/{}/create_flow_run", "POST /flow_runs", "POST /deployments"}
_OF_DEPLOYMENTS = ("name", "flow_id", "parameters", "tags", "entrypoint", "path", "paused")

_OF_SCHEMAS = ("fields", "block_type_id", "capabilities", "version")


@dataclass(frozen=True, slots=True)
class Exchange:
    number: int
    session: int
    capability: str
    at: str
    method: str
    path: str
    query: str
    request: Any
    status: int
    response: Any

    @property
    def route(self) -> str:
        """`POST /flow_runs/{}/set_state`."""
        path = _ID.sub("{}", self.path.removeprefix("/api").rstrip("/"))
        return f"{self.method} {path or '/'}"


@dataclass(frozen=True, slots=True)
class Answer:
    exchange: Exchange
    status: int
    body: Any

    @property
    def differences(self) -> list[str]:
        if self.status != self.exchange.status:
            return [f"status {self.exchange.status} -> {self.status}"]
        return sorted(set(differences(self.exchange.response, self.body)))


def exchanges() -> list[Exchange]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [Exchange(number=number, **json.loads(line)) for number, line in enumerate(lines)]


Send = Callable[[str, str, bytes], tuple[int, bytes]]


@dataclass(slots=True)
class Replayer:
    """Plays one session; ids of the recording become those of what was made here."""

    send: Send
    flows: dict[str, str]  # names by ids of the recording
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def play(self, exchange: Exchange) -> Answer:
        if exchange.status in (200, 201):
            self._make_up_for(exchange)
        body = b"" if exchange.request is None else self._here(_today(exchange))
        status, content = self._call(exchange.method, self._address(exchange), body)
        self._learn(exchange.response, content)
        return Answer(exchange, status, content)

    def _address(self, exchange: Exchange) -> str:
        query = exchange.query
        for there, here in self.tokens.items():
            query = query.replace(there, here)
        path = self._here(exchange.path).decode()
        return f"{path}?{self._here(query).decode()}" if query else path

    def _call(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        status, content = self.send(method, path, body)
        return status, json.loads(content) if content else None

    def _here(self, text: str) -> bytes:
        return _ID.sub(lambda known: self.ids.get(known[0], known[0]), text).encode()

    def _learn(self, there: Any, here: Any) -> None:
        """Ids in the same place are ids of the same thing."""
        if isinstance(there, dict) and isinstance(here, dict):
            for key in there.keys() & here.keys():
                self._learn(there[key], here[key])
        elif isinstance(there, list) and isinstance(here, list):
            for one, other in _pairs(there, here):
                self._learn(one, other)
        elif _is_id(there) and _is_id(here):
            self.ids.setdefault(there, here)
        elif isinstance(there, str) and isinstance(here, str) and _TOKEN in there:
            self.tokens[there.partition(_TOKEN)[2]] = here.partition(_TOKEN)[2]

    def _make_up_for(self, exchange: Exchange) -> None:
        """Make what was there before the recording, and what the server had made by itself."""
        makes = exchange.route in _MAKING
        if "/block_schemas/checksum/" in exchange.path:
            # Prefect's server has those of its own blocks; here the client registers them.
            schema = {name: exchange.response[name] for name in _OF_SCHEMAS}
            self._call("POST", "/api/block_schemas/", self._here(json.dumps(schema)))
        if known := _POOL.match(exchange.path):
            self._call("POST", "/api/work_pools/", json.dumps({"name": known[1]}).encode())
        for each in _documents(exchange.response):
            if "deployment_version" in each:
                self._make_flow(each["flow_id"])
                if each["deployment_id"] is not None:
                    deployment = {"name": f"of {each['deployment_id']}", "flow_id": each["flow_id"]}
                    self._make_deployment(each["deployment_id"], deployment)
                if not makes and each["deployment_id"] is not None:
                    self._make_run(each)
            elif "entrypoint" in each:
                self._make_flow(each["flow_id"])
                if not makes or exchange.status == 200:
                    fields = {name: each[name] for name in _OF_DEPLOYMENTS}
                    self._make_deployment(each["id"], fields)

    def _make(self, there: str, path: str, fields: dict[str, Any]) -> None:
        if there not in self.ids:
            _, made = self._call("POST", self._here(path).decode(), self._here(json.dumps(fields)))
            self.ids[there] = made["id"]

    def _make_flow(self, there: str) -> None:
        self._make(there, "/api/flows/", {"name": self.flows.get(there, f"flow {there}")})

    def _make_deployment(self, there: str, fields: dict[str, Any]) -> None:
        self._make(there, "/api/deployments/", fields)

    def _make_run(self, run: dict[str, Any]) -> None:
        fields = {name: run[name] for name in ("name", "parameters", "tags")}
        path = f"/api/deployments/{run['deployment_id']}/create_flow_run"
        self._make(run["id"], path, fields)


def flow_names(played: Iterable[Exchange]) -> dict[str, str]:
    """By id, as far as the answers name them."""
    names = {}
    for exchange in played:
        for each in _documents(exchange.response):
            if each.keys() == {"id", "created", "updated", "name", "tags", "labels"}:
                names[each["id"]] = each["name"]
            elif "entrypoint" in each and (known := _BY_NAME.match(exchange.path)):
                names[each["flow_id"]] = known[1]
    return names


def _today(exchange: Exchange) -> str:
    """What was sent, as if it had been recorded now."""
    shift = utcnow() - datetime.fromisoformat(exchange.at)

    def shifted(time: re.Match[str]) -> str:
        moment = datetime.fromisoformat(time[0])
        return (moment.replace(tzinfo=moment.tzinfo or UTC) + shift).isoformat()

    return _TIME.sub(shifted, json.dumps(exchange.request))


def differences(there: Any, here: Any, at: str = "") -> Iterator[str]:
    """Keys that are missing or too many, and types that are different."""
    if isinstance(there, dict) and isinstance(here, dict):
        yield from (f"{at}.{key} is missing" for key in there.keys() - here.keys())
        yield from (f"{at}.{key} is new" for key in here.keys() - there.keys())
        for key in (there.keys() & here.keys()) - FREE:
            yield from differences(there[key], here[key], f"{at}.{key}")
    elif isinstance(there, list) and isinstance(here, list):
        for one, other in _pairs(there, here):
            yield from differences(one, other, f"{at}[]")
    elif there is not None and here is not None and _kind(there) != _kind(here):
        yield f"{at}: {_kind(there)} -> {_kind(here)}"


def _pairs(there: list[Any], here: list[Any]) -> list[tuple[Any, Any]]:
    """The members of two lists that are about the same thing: by name, else by place."""
    names = {one["name"]: one for one in here if isinstance(one, dict) and one.get("name")}
    if names:
        named = [(one, names.get(one.get("name"))) for one in there if isinstance(one, dict)]
        matching = [(one, other) for one, other in named if other is not None]
        return matching or list(zip(there[:1], here[:1], strict=False))
    return list(zip(there, here, strict=False))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    names: dict[type, str] = {str: "text", dict: "object", list: "list"}
    return names.get(type(value), "null")


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 36 and bool(UUID(value))
    except ValueError:
        return False


def _documents(response: Any) -> Iterator[dict[str, Any]]:
    for each in response if isinstance(response, list) else [response]:
        if isinstance(each, dict):
            yield each.get("flow_run", each)
