"""Differences of two documents: what came, what went, what is another, what moved."""

from copy import deepcopy
from typing import Any

from project.lib.json_documents import Document
from tests.menagerie import compound, reactive
from triggers_app.automation.editing.comparing import Difference, edits

A, B, C = reactive("a"), reactive("b"), reactive("c")


def of(*children: Document, **fields: Any) -> Document:
    actions = fields.pop("actions", [{"type": "do-nothing"}])
    return {"trigger": compound(*children, **fields), "actions": actions}


def test_equal_documents_do_not_differ_whatever_their_ids() -> None:
    other = deepcopy(of(A, B))
    other["trigger"]["id"] = "another"

    assert edits(of(A, B), other) == []


def test_changed_key_says_both_values() -> None:
    [edit] = edits(of(A, B, within=1200), of(A, B, within=1800))

    assert edit == Difference("changed", ("trigger", "within"), 1200, 1800)


def test_member_that_came_and_one_that_went_are_told_apart_from_those_that_stayed() -> None:
    found = edits(of(A, B), of(B, C | {"type": "event", "id": "new"}))

    assert {(one.kind, one.loc, one.member) for one in found} <= {
        ("removed", ("trigger", "triggers", 0), True),
        ("added", ("trigger", "triggers", 1), True),
        ("moved", ("trigger", "triggers"), False),
        ("changed", ("trigger", "triggers", 1, "expect"), False),
    }
    assert found


def test_action_that_was_added_is_one_difference() -> None:
    more = [{"type": "do-nothing"}, {"type": "cancel-flow-run"}]

    [edit] = edits(of(A), of(A, actions=more))

    assert (edit.kind, edit.loc, edit.member) == ("added", ("actions", 1), True)
    assert edit.after == {"type": "cancel-flow-run"}


def test_members_in_another_order_moved() -> None:
    [edit] = edits(of(A, B), of(B, A))

    assert (edit.kind, edit.loc) == ("moved", ("trigger", "triggers"))
