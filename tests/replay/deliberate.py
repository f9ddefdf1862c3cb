"""Where Flint answers other than Prefect's server did in the recording, and why."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from tests.replay.session import Answer


@dataclass(frozen=True, slots=True)
class Deliberate:
    """A difference (a pattern) in the answers of a route (a pattern), or of these exchanges."""

    why: str
    route: str
    difference: str
    exchanges: Collection[int] = ()
    # Where it must be seen, so that this list names nothing that is over.
    sessions: Collection[int] = (0,)

    def explains(self, answer: Answer, difference: str) -> bool:
        if self.exchanges and answer.exchange.number not in self.exchanges:
            return False
        matches = re.fullmatch(self.route, answer.exchange.route)
        return bool(matches and re.fullmatch(self.difference, difference))


def status(there: int, here: int) -> str:
    return f"status {there} -> {here}"


# Flint is different.
MEANT = [
    Deliberate(
        "Readers of a deployment, people and templates, want its flow's name beside it.",
        r".* /deployments.*",
        r".*\.flow_name is new",
        sessions=(0, 1, 2),
    ),
    Deliberate(
        "Triggers keep keys that nobody knows, and the answer's Flint-Warning names them.",
        "POST /automations",
        r"\.trigger\.(bogus|require) is new",
        {512, 550},
    ),
    Deliberate(
        "Metric triggers are evaluated here (docs/semantics.md); Prefect's server refuses them.",
        "POST /automations",
        status(422, 201),
    ),
    Deliberate(
        "A template that could never be rendered is refused when it is saved, not when it fires.",
        "POST /automations",
        status(201, 422),
        {530},
    ),
    Deliberate(
        "The automation of the exchange before was refused, so there is nothing to delete.",
        "DELETE /automations/{}",
        status(204, 404),
        {531},
    ),
    Deliberate(
        "An automation may come before its deployment; the lint says that it is missing.",
        "POST /automations",
        status(404, 201),
        {527},
    ),
    Deliberate(
        "Up to 100 events are answered at once, which the client's `read_events()` asks for.",
        "POST /events/filter",
        status(422, 200),
        {600},
    ),
    Deliberate(
        "Flint's own type is listed, processes and Docker; the rest comes with clients' packages.",
        "GET /collections/views/aggregate-worker-metadata",
        r"\.(flint is new|prefect-(aws|azure|gcp|kubernetes) is missing)",
        sessions=(0, 1),
    ),
    Deliberate(
        "One form of a limit, whether it is read by name or listed.",
        r"POST /v2/concurrency_limits/filter",
        r"\[\]\.(avg_slot_occupancy_seconds|denied_slots) is new",
    ),
    Deliberate(
        "One form of a run, whoever asks; Prefect leaves its pool out for workers.",
        r"POST /work_pools/procpool/get_scheduled_flow_runs",
        r"\[\]\.flow_run\.work_pool_(id|name) is new",
        sessions=(0, 1),
    ),
    Deliberate(
        "Both forms of an address are served without a redirect.",
        r"POST /(automations|flows|events)",
        status(307, 422),
        sessions=(2,),
    ),
    Deliberate(
        "Nothing looks at a CSRF token, so only clients that ask by header get one.",
        "GET /csrf-token",
        status(200, 422),
        sessions=(2,),
    ),
    Deliberate(
        "Clients say which API they speak; Flint serves older ones than Prefect's server does.",
        "GET /flows/{}",
        status(400, 404),
        {972},
        sessions=(2,),
    ),
]
# The recording, or playing it, is different.
PLAYED = [
    Deliberate(
        "Nothing evaluates or records beside this test; tests/project/test_probes.py sees to it.",
        "GET /(ready|health)",
        status(200, 503),
        sessions=(0, 2),
    ),
    Deliberate(
        "SQLite was locked, and the client sent it again.",
        r"(PATCH|DELETE) /(automations|deployments)/.*",
        status(503, 204),
        sessions=(0, 1),
    ),
    Deliberate(
        "The delay of a retry is not waited for, so it is too early: WAIT.",
        r"POST /flow_runs/{}/set_state",
        status(201, 200),
        {431},
    ),
    Deliberate(
        "The page's place was cut off the recorded answer; a made-up one is refused.",
        "GET /events/filter/next",
        status(200, 403),
        {629, 630},
    ),
    Deliberate(
        "Somebody without a key, or without a CSRF token: headers are not in the recording.",
        r"GET /(admin/version|csrf-token)|POST /automations/filter",
        r"status (401|403) -> (200|422)",
        sessions=(2,),
    ),
    Deliberate(
        "The limit `cl1` was made before the recording.",
        r"POST /v2/concurrency_limits/increment-with-lease",
        status(423, 200),
        {947},
        sessions=(2,),
    ),
]
DELIBERATE = [*MEANT, *PLAYED]
