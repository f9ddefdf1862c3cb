"""What two people made of one automation, put together."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from tests.triggers_app.automation.editing.documents import draft, event, group, n
from triggers_app.automation.editing.merging import differences, text_of, three_way

BASE = draft(group("root", event("a"), event("b"), require="all"), description="old")


def on_root(**fields: Any) -> Document:
    return {**BASE, "trigger": {**BASE["trigger"], **fields}}


def children(*nodes: Document) -> Document:
    return on_root(triggers=list(nodes))


def ids(document: Document) -> list[str]:
    return [node["id"] for node in document["trigger"]["triggers"]]


def test_changes_in_different_places_are_both_taken() -> None:
    merged = three_way(BASE, {**BASE, "description": "new"}, on_root(within=60))

    assert merged.conflicts == []
    assert merged.taken == [("description",)]
    assert merged.document == {**on_root(within=60), "description": "new"}


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    assert three_way(BASE, on_root(within=60), on_root(within=60)).conflicts == []


def test_two_changes_of_one_place_are_a_conflict_in_which_mine_stays() -> None:
    merged = three_way(BASE, on_root(within=60), on_root(within=90))

    [conflict] = merged.conflicts
    assert (conflict.path, conflict.loc) == ("trigger.within", ("trigger", "within"))
    assert (conflict.base, conflict.theirs, conflict.mine) == (None, 60, 90)
    assert merged.document == on_root(within=90)


@pytest.mark.parametrize(("side", "within"), [("theirs", 60), ("mine", 90)])
def test_a_choice_settles_a_conflict(side: str, within: int) -> None:
    choices = {"trigger.within": side}

    merged = three_way(BASE, on_root(within=60), on_root(within=90), choices)

    assert merged.conflicts == []
    assert merged.document["trigger"]["within"] == within


def test_a_part_that_was_saved_under_a_new_id_keeps_mine() -> None:
    theirs = children({**event("a"), "id": n("other"), "threshold": 3}, event("b"))

    merged = three_way(BASE, theirs, {**BASE, "name": "mine"})

    assert ids(merged.document) == [n("a"), n("b")]
    assert merged.document["trigger"]["triggers"][0]["threshold"] == 3


def test_a_part_that_one_added_stands_beside_what_the_other_changed() -> None:
    mine = children(event("a"), event("b"), event("c"))
    theirs = children(event("a", threshold=2), event("b"))

    merged = three_way(BASE, theirs, mine)

    assert (merged.conflicts, ids(merged.document)) == ([], [n("a"), n("b"), n("c")])
    assert merged.document["trigger"]["triggers"][0]["threshold"] == 2


def test_a_part_that_others_added_is_taken_with_what_i_changed() -> None:
    theirs = children(event("b"), event("a"), event("c"))

    merged = three_way(BASE, theirs, children(event("a", threshold=2), event("b")))

    assert (merged.conflicts, ids(merged.document)) == ([], [n("b"), n("a"), n("c")])
    assert merged.document["trigger"]["triggers"][1]["threshold"] == 2


def test_a_part_that_only_one_took_away_is_gone() -> None:
    assert ids(three_way(BASE, children(event("b")), on_root(within=5)).document) == [n("b")]
    assert ids(three_way(BASE, on_root(within=5), children(event("b"))).document) == [n("b")]


@pytest.mark.parametrize(
    ("choices", "kept"),
    [({}, [n("b"), n("a")]), ({"trigger.triggers[0]": "theirs"}, [n("b")])],
    ids=["mine", "theirs"],
)
def test_a_part_that_went_there_and_was_changed_here_is_a_conflict(
    choices: dict[str, str], kept: list[str]
) -> None:
    mine = children(event("a", threshold=9), event("b"))

    merged = three_way(BASE, children(event("b")), mine, choices)

    assert len(merged.conflicts) == (0 if choices else 1)
    assert ids(merged.document) == kept


def test_both_taking_the_same_part_away_agree() -> None:
    theirs, mine = children(event("b", threshold=2)), children(event("b"))

    merged = three_way(BASE, theirs, mine)

    assert (merged.conflicts, ids(merged.document)) == ([], [n("b")])
    assert merged.document["trigger"]["triggers"][0]["threshold"] == 2


def test_lists_that_both_rearranged_are_one_conflict() -> None:
    theirs = children(event("a"), event("b"), event("c"))

    [conflict] = three_way(BASE, theirs, children(event("b"), event("a"))).conflicts

    assert conflict.path == "trigger.triggers"


def test_a_trigger_that_both_made_another_kind_is_one_conflict() -> None:
    theirs = {**BASE, "trigger": event("root")}
    mine = {**BASE, "trigger": {"type": "metric", "id": n("root"), "metric": {}}}

    assert [each.path for each in three_way(BASE, theirs, mine).conflicts] == ["trigger"]


def test_a_parameter_called_id_is_merged_like_any_other() -> None:
    def running(**parameters: Any) -> Document:
        action = {"type": "run-deployment", "parameters": parameters}
        return {**BASE, "actions": [action]}

    merged = three_way(running(id=1, x=1), running(id=2, x=1), running(id=1, x=2))

    assert merged.document == running(id=2, x=2)


def test_a_key_that_one_took_away_and_the_other_changed_is_a_conflict() -> None:
    without = {key: value for key, value in BASE.items() if key != "description"}

    [conflict] = three_way(BASE, {**BASE, "description": "new"}, without).conflicts

    assert (conflict.theirs, conflict.mine) == ("new", None)


def test_differences_name_the_innermost_place() -> None:
    after = {**on_root(within=60), "tags": ["x"]}

    assert differences(BASE, after) == [
        (("trigger", "within"), None, 60),
        (("tags",), None, ["x"]),
    ]


def test_differences_within_a_list_name_the_part() -> None:
    after = children({**event("a"), "id": n("other"), "threshold": 3}, event("b"))

    assert differences(BASE, after) == [(("trigger", "triggers", 0, "threshold"), None, 3)]


def test_values_are_told_as_texts() -> None:
    assert (text_of("x"), text_of(3), text_of({"a": 1})) == ("x", "3", '{\n  "a": 1\n}')
