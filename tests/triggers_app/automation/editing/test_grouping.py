"""One "for each" for a whole group: its parts follow it."""

from copy import deepcopy
from typing import Any

import pytest

from tests.triggers_app.builder.forms import GROUP, NODE, SECOND, both, document, event
from triggers_app.automation.editing.fields import with_fields
from triggers_app.automation.editing.nodes import walk
from triggers_app.automation.editing.operations import operate
from triggers_app.automation.parsing import parse_automation

GROUP_LABELS, LABELS = f"n.{GROUP}.for_each", f"n.{NODE}.for_each"


def grouped(whole: list[str], first: list[str], second: list[str]) -> dict[str, Any]:
    parts = [event(for_each=first), event(SECOND, expect=["inventory.done"], for_each=second)]
    return document(both(triggers=parts, for_each=whole))


def labels(changed: dict[str, Any]) -> list[list[str]]:
    return [placed.node.get("for_each", []) for placed in walk(changed)]


def test_a_group_that_is_typed_once_groups_all_its_parts() -> None:
    changed, problems = with_fields(document(both()), {GROUP_LABELS: "customer\nsite"})

    assert labels(changed) == [["customer", "site"]] * 3
    assert problems == []
    parse_automation(changed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("customer", [["customer"], ["customer", "own"], ["customer"]]),
        ("site", [["site"], ["site", "own"], ["site"]]),
        ("", [[], ["own"], []]),
    ],
    ids=["the same", "another", "none"],
)
def test_parts_keep_labels_of_their_own(typed: str, expected: list[list[str]]) -> None:
    before = grouped(["customer"], ["customer", "own"], ["customer"])

    assert labels(with_fields(before, {GROUP_LABELS: typed})[0]) == expected


def test_what_is_written_for_a_part_at_the_same_time_stays() -> None:
    before = grouped(["customer"], ["customer"], ["customer"])

    changed, _ = with_fields(before, {GROUP_LABELS: "", LABELS: "customer\nsite"})

    assert labels(changed) == [[], ["customer", "site"], []]


def test_groups_within_groups_and_new_parts_follow_too_and_metrics_have_none() -> None:
    inner = both(id="7f3cbb8e-0c5e-4b5e-9a59-00000000000b")
    metric = {"type": "metric", "id": "m", "metric": {"name": "duration", "threshold": 3}}
    outer = both(id="o", triggers=[inner, metric])

    changed, _ = with_fields(document(outer), {"n.o.for_each": "customer"})
    added = operate(changed, "add:o:sequence").document

    expected = [[] if placed.kind == "metric" else ["customer"] for placed in walk(changed)]
    assert labels(changed) == expected
    assert all(
        placed.node.get("for_each") == ["customer"]
        for placed in walk(added)
        if placed.kind != "metric"
    )


def test_nothing_follows_where_nothing_was_typed() -> None:
    before = grouped(["customer"], [], [])

    changed, _ = with_fields(deepcopy(before), {"name": "other"})

    assert labels(changed) == labels(before)
