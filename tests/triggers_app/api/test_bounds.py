"""No document costs a call more than seconds: too much is refused with its place, quickly."""

from collections.abc import Callable
from time import thread_time
from typing import Any

import msgspec
import pytest

Call = Callable[..., Any]
SECONDS = 10  # of CPU; the dearest takes 2 on an idle machine
EVENT: dict[str, Any] = {"type": "event", "posture": "Reactive", "expect": ["a"]}
BODY: dict[str, Any] = {"name": "n", "trigger": EVENT, "actions": [{"type": "do-nothing"}]}


def nested(depth: int, leaves: int) -> dict[str, Any]:
    trigger: dict[str, Any] = {"type": "sequence", "within": 1, "triggers": [EVENT] * leaves}
    for _ in range(depth):
        trigger = {"type": "sequence", "within": 1, "triggers": [trigger]}
    return trigger


def group(triggers: list[Any], **more: Any) -> dict[str, Any]:
    return {"type": "compound", "require": "all", "within": 5, "triggers": triggers, **more}


LABELS = [f"l{n}" for n in range(300)]
# What is sent, and the place that is told; None where it is taken.
SENT: dict[str, tuple[Any, tuple[str | int, ...] | None]] = {
    "numbers": ([0] * 1_990_000, ()),
    "numbers for names": ({**BODY, "trigger": {**EVENT, "expect": [0] * 1_900_000}},
                          ("trigger", "expect")),
    "some numbers for names": ({**BODY, "trigger": {**EVENT, "expect": [0] * 90_000}},
                               ("trigger", "expect", 0)),
    "numbers for actions": ({**BODY, "actions": [0] * 90_000}, ("actions", 0)),
    "triggers of nothing": ({**BODY, "trigger": group([{}] * 45_000)},
                            ("trigger", "triggers", 0, "posture")),
    "keys": ({**BODY, **{f"x{n}": 1 for n in range(90_000)}}, ("x0",)),
    "templates": ({**BODY, "actions": [{"type": "run-deployment", "source": "inferred",
                   "parameters": {"a": "{{ a }}" * 500_000}}]}, ("actions", 0, "parameters", "a")),
    "a long name": ({**BODY, "name": "x" * 4_000_000}, ("name",)),
    "names": ({**BODY, "trigger": {**EVENT, "expect": [f"a.{n}" for n in range(60_000)]}}, None),
    "unknown keys": ({**BODY, "trigger": {**EVENT, **{f"thresold{n}": 1 for n in range(50_000)}}},
                     None),
    "labels": ({**BODY, "trigger": {**EVENT, "match": dict.fromkeys(LABELS * 1, ["a"] * 150)}},
               None),
    "triggers": ({**BODY, "trigger": group([EVENT] * 5_000)}, None),
    "labels of every part": ({**BODY, "trigger": group(
        [{**EVENT, "for_each": LABELS} for _ in range(250)], for_each=LABELS)}, None),
    "a deep tree": ({**BODY, "trigger": nested(28, 5_000)}, None),
}  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("body", "place"), SENT.values(), ids=SENT)
def test_a_document_is_answered_in_bounded_time(
    api: Call, method: str, body: Any, place: tuple[str | int, ...] | None
) -> None:
    made = api("POST", "/automations", BODY).json()["id"]
    path = "/automations" if method == "POST" else f"/automations/{made}"
    sent = msgspec.json.encode(body)
    before = thread_time()

    answer = api(method, path, sent)

    assert thread_time() - before < SECONDS
    if place is None:
        assert answer.status_code in (201, 204)
    else:
        problems = answer.json()["exception_detail"]
        assert answer.status_code == 422 and len(problems) <= 101
        assert problems[0]["loc"] == ["body", *place]
        assert len(answer.content) < 100_000


def test_what_was_taken_can_be_changed_again(api: Call) -> None:
    """Its defaults make a stored document larger than what was sent."""
    actions = [{"type": "run-deployment", "source": "inferred"}] * 20_000
    made = api("POST", "/automations", {**BODY, "actions": actions}).json()["id"]

    assert api("PATCH", f"/automations/{made}", {"enabled": False}).status_code == 204
    assert api("PUT", f"/automations/{made}", BODY).status_code == 204


@pytest.mark.parametrize(
    "path", ["/automations/filter", "/flow_runs/filter", "/deployments/filter", "/logs/filter"]
)
def test_a_filter_of_very_many_wrong_values_is_answered_in_bounded_time(
    api: Call, path: str
) -> None:
    kind = path.split("/")[1]
    body = msgspec.json.encode({kind: {"id": {"any_": [0] * 1_000_000}}})
    before = thread_time()

    answer = api("POST", path, body)

    assert thread_time() - before < SECONDS
    assert answer.status_code in (200, 422) and len(answer.content) < 100_000


def test_a_patch_of_very_many_keys_is_answered_in_bounded_time(api: Call) -> None:
    made = api("POST", "/automations", BODY).json()["id"]
    body = msgspec.json.encode({f"x{n}": 1 for n in range(500_000)})
    before = thread_time()

    answer = api("PATCH", f"/automations/{made}", body)

    assert thread_time() - before < SECONDS
    assert answer.status_code == 422 and len(answer.content) < 100_000
