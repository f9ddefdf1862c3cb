"""Two events compared, value by value."""

from typing import Any

import pytest

from events_app.domain import event_comparison
from events_app.domain.event_comparison import ComparedEvent, ComparedPart, compare


def compared(before: dict[str, Any], after: dict[str, Any]) -> list[ComparedPart]:
    empty: dict[str, Any] = {"resource": {}, "related": [], "payload": {}}
    return compare(ComparedEvent(**empty | before), ComparedEvent(**empty | after))


def differences(part: ComparedPart) -> list[tuple[str, str | None, str | None]]:
    return [(one.path, one.before, one.after) for one in part.different]


def test_values_of_the_payload_are_compared_by_their_paths() -> None:
    old = {"rows": 1, "files": [{"name": "a"}, {"name": "b"}], "gone": None, "same": {"x": 1}}
    new = {"rows": "1", "files": [{"name": "a"}], "same": {"x": 1}, "empty": {}}

    payload = compared({"payload": old}, {"payload": new})[0]

    assert differences(payload) == [
        ("rows", "1", '"1"'), ("empty", None, "{}"),
        ("files[1].name", '"b"', None), ("gone", "null", None),
    ]  # fmt: skip
    assert [one.path for one in payload.equal] == ["files[0].name", "same.x"]


def test_a_whole_number_and_its_fraction_differ_as_json_does() -> None:
    payload = compared({"payload": {"x": 1}}, {"payload": {"x": 1.0}})[0]

    assert differences(payload) == [("x", "1", "1.0")]


def test_labels_and_related_resources_are_compared_by_role() -> None:
    tag = {"prefect.resource.id": "tag.a", "prefect.resource.role": "tag"}
    flow = {"prefect.resource.id": "flow.1", "prefect.resource.role": "flow", "name": "load"}
    other = flow | {"prefect.resource.id": "flow.2"}

    _, resource, related = compared(
        {"resource": {"id": "1", "k": "v"}, "related": [tag, flow]},
        {"resource": {"id": "2", "k": "v"}, "related": [other, tag, {"prefect.resource.id": "x"}]},
    )

    assert differences(resource) == [("id", '"1"', '"2"')]
    assert differences(related) == [
        ("flow · prefect.resource.id", '"flow.1"', '"flow.2"'),
        ("no role · prefect.resource.id", None, '"x"'),
    ]
    assert related.equal_total == 2


def test_two_resources_of_a_role_are_numbered() -> None:
    tags = [{"prefect.resource.id": f"tag.{name}", "prefect.resource.role": "tag"} for name in "ab"]

    related = compared({"related": tags}, {"related": list(reversed(tags))})[2]

    assert [path for path, _, _ in differences(related)] == [
        "tag 1 · prefect.resource.id", "tag 2 · prefect.resource.id",
    ]  # fmt: skip


def test_too_much_is_counted_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_comparison, "MOST_LINES", 2)
    monkeypatch.setattr(event_comparison, "MOST_VALUES", 5)
    old, new = ({str(n): n * by for n in range(9)} for by in (1, 2))

    payload = compared({"payload": old | {"0": "x" * 999}}, {"payload": new})[0]

    assert (len(payload.different), payload.more, payload.partial) == (2, 3, True)
    assert payload.different[0].before == f'"{"x" * 299} …'


def test_a_deep_payload_does_not_end_in_an_error() -> None:
    deep: dict[str, Any] = {"x": 1}
    for _ in range(5_000):
        deep = {"d": deep}

    payload = compared({"payload": deep}, {"payload": {}})[0]

    assert [one.after for one in payload.different] == [None]
