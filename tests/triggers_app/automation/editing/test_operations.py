"""What the buttons do to the tree, the conditions and the actions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.lib.json_documents import Document
from tests.triggers_app.automation.editing.documents import (
    done,
    draft,
    event,
    group,
    metric,
    n,
    outline,
)
from tests.triggers_app.strategies import automations
from triggers_app.automation.editing.fields import fields_of
from triggers_app.automation.editing.nodes import numbered, walk
from triggers_app.automation.editing.operations import GONE, OPERATIONS_OF_NODES, UNKNOWN, operate

TREE = draft(
    group("root", event("a"), group("inner", event("b"), event("c"), require=2), require="all")
)
ONE = draft(event("a"))
MOVES = {
    "add to a group": (TREE, "add:<inner>:event", "root(a inner(b c new0))", "new0"),
    "add beside a leaf": (TREE, "add:<a>:absence", "root(a new0 inner(b c))", "new0"),
    "add to one": (ONE, "add:<a>:metric", "new1(a new0)", "new0"),
    "add a group": (ONE, "add:<a>:sequence", "new2(a new1(new0))", "new1"),
    "group": (TREE, "group:<a>:sequence", "root(new0(a) inner(b c))", "new0"),
    "group the root": (ONE, "group:<a>:compound", "new0(a)", "new0"),
    "ungroup": (TREE, "ungroup:<inner>", "root(a b c)", "b"),
    "ungroup the root": (draft(group("root", event("a"))), "ungroup:<root>", "a", "a"),
    "ungroup nothing": (draft(group("root")), "ungroup:<root>", "new0", "new0"),
    "up": (TREE, "up:<inner>", "root(inner(b c) a)", "inner"),
    "down": (TREE, "down:<b>", "root(a inner(c b))", "b"),
    "out": (TREE, "out:<b>", "root(a inner(c) b)", "b"),
    "out of the last": (draft(group("root", event("a"))), "out:<a>", "a", "a"),
    "into": (TREE, "into:<a>", "root(inner(a b c))", "a"),
    "place before": (TREE, "place:<c>:before:<a>", "root(c a inner(b))", "c"),
    "place after": (TREE, "place:<a>:after:<inner>", "root(inner(b c) a)", "a"),
    "place into": (TREE, "place:<a>:into:<inner>", "root(inner(b c a))", "a"),
    "place among its own": (TREE, "place:<c>:before:<b>", "root(a inner(c b))", "c"),
    "place where it is": (TREE, "place:<b>:into:<root>", "root(a inner(c) b)", "b"),
    "duplicate": (TREE, "duplicate:<b>", "root(a inner(b new0 c))", "new0"),
    "duplicate the root": (ONE, "duplicate:<a>", "new1(a new0)", "new0"),
    "delete": (TREE, "delete:<b>", "root(a inner(c))", "c"),
    "delete the last": (TREE, "delete:<c>", "root(a inner(b))", "b"),
    "delete a group": (TREE, "delete:<inner>", "root(a)", "a"),
    "delete the root": (TREE, "delete:<root>", "new0", "new0"),
    "turn a leaf into a group": (ONE, "turn:<a>:any", "new0(a)", "new0"),
    "turn a group into a leaf": (TREE, "turn:<inner>:event", "root(a b)", "b"),
}


@pytest.mark.parametrize(("document", "do", "tree", "focus"), MOVES.values(), ids=MOVES.keys())
def test_an_operation_on_the_tree(document: Document, do: str, tree: str, focus: str) -> None:
    found = done(document, do)

    assert found.problem == ""
    assert outline(found.document) == tree
    assert found.focus == f"node-{n(focus)}"
    assert found.did


REFUSED = {
    "gone": ("up:<gone>", GONE),
    "up": ("up:<a>", "first one already"),
    "down": ("down:<c>", "last one already"),
    "out of nothing": ("out:<root>", "stands in no group"),
    "out of the root": ("out:<a>", "outermost group"),
    "into nothing": ("into:<b>", "no group beside"),
    "place nowhere": ("place:<a>:after:<gone>", "not there any more"),
    "place the root": ("place:<root>:into:<inner>", "holds everything together"),
    "place into itself": ("place:<inner>:after:<b>", "into itself"),
    "place into a leaf": ("place:<b>:into:<a>", "cannot be moved there"),
    "place beside the root": ("place:<b>:before:<root>", "cannot be moved there"),
    "place above": ("place:<b>:above:<a>", "cannot be moved there"),
    "ungroup a leaf": ("ungroup:<a>", "Only a group"),
    "ungroup the root": ("ungroup:<root>", "outermost group"),
    "add": ("add:<a>:poem", "no such kind"),
    "group": ("group:<a>:choir", "no such kind of group"),
    "turn": ("turn:<a>:poem", "no such kind"),
    "unknown": ("fly:<a>", UNKNOWN),
    "nothing": ("", UNKNOWN),
    "too few": ("add:<a>", UNKNOWN),
    "label of a group": ("add-label:<root>", "A group has no labels"),
    "related of a group": ("add-related:<root>", "A group has no labels"),
    "drop-label": ("drop-label:<a>:0", "not there any more"),
    "drop-related": ("drop-related:<a>:0", "not there any more"),
    "label arguments": ("drop-label:<a>", UNKNOWN),
    "no number": ("drop-label:<a>:x", UNKNOWN),
    "action kind": ("add-action:actions:dance", "no such kind of action"),
    "action list": ("add-action:deeds:do-nothing", "no such list"),
    "action gone": ("drop-action:actions:0", "not there any more"),
}


@pytest.mark.parametrize(("do", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_changes_nothing_and_says_why(do: str, why: str) -> None:
    found = done(TREE, do)

    assert why in found.problem
    assert (found.document, found.did, found.focus) == (TREE, "", None)


def test_the_last_part_takes_its_group_with_it() -> None:
    nested = draft(group("root", event("a"), group("inner", event("b")), require=2))

    for do in ("delete:<b>", "out:<b>", "place:<b>:before:<a>", "place:<b>:after:<inner>"):
        found = done(nested, do).document["trigger"]
        assert [node["id"] for node in found["triggers"] if node["id"] == n("inner")] == []
    assert done(nested, "delete:<b>").document["trigger"]["require"] == 1


def test_the_first_node_of_a_draft_without_any() -> None:
    assert outline(done(draft(None), "add:none:event").document) == "new0"


TURNS = {
    "any": ("any", {"type": "compound", "require": "any"}),
    "number": ("number", {"type": "compound", "require": 2}),
    "sequence": ("sequence", {"type": "sequence"}),
    "compound": ("compound", {"type": "compound", "require": "all"}),
}


@pytest.mark.parametrize(("into", "expected"), TURNS.values(), ids=TURNS.keys())
def test_a_group_of_another_kind_keeps_its_parts(into: str, expected: Document) -> None:
    turned = done(TREE, f"turn:<root>:{into}").document["trigger"]
    plain = {key: value for key, value in turned.items() if key not in ("id", "triggers")}

    assert plain == {**expected, "within": None}
    assert turned["triggers"] == TREE["trigger"]["triggers"]


def test_a_number_never_asks_for_more_parts_than_there_are() -> None:
    one = draft(group("root", event("a"), require="all"))

    assert done(one, "turn:<root>:number").document["trigger"]["require"] == 1
    assert done(TREE, "delete:<b>").document["trigger"]["triggers"][1]["require"] == 1


def test_an_event_that_becomes_a_metric_keeps_its_conditions() -> None:
    before = draft(event("a", match={"x": "1"}, note="mine"))

    turned = done(before, "turn:<a>:metric").document["trigger"]
    back = done({**before, "trigger": turned}, "turn:<a>:event").document["trigger"]

    assert (turned["type"], turned["match"], turned["note"]) == ("metric", {"x": "1"}, "mine")
    assert "expect" not in turned
    assert (back["type"], back["match"], back["posture"]) == ("event", {"x": "1"}, "Reactive")


def test_turning_into_what_it_is_changes_nothing() -> None:
    assert done(draft(metric("a")), "turn:<a>:metric").document == draft(metric("a"))


LABELS: dict[str, tuple[Document, str, Document | None]] = {
    "add": ({}, "add-label:<a>", {"match": {"": []}}),
    "drop": ({"match": {"x": "1", "y": "2"}}, "drop-label:<a>:0", {"match": {"y": "2"}}),
    "first related": ({}, "add-related:<a>", {"match_related": {"": []}}),
    "second related": (
        {"match_related": {"x": "1"}},
        "add-related:<a>",
        {"match_related": [{"x": "1"}, {"": []}]},
    ),
    "third related": (
        {"match_related": [{"x": "1"}, {}]},
        "add-related:<a>",
        {"match_related": [{"x": "1"}, {}, {"": []}]},
    ),
    "drop related": ({"match_related": {"x": "1"}}, "drop-related:<a>:0", {"match_related": {}}),
    "drop listed": ({"match_related": [{}, {"x": "1"}]}, "drop-related:<a>:0", None),
    "related label": (
        {"match_related": {"x": "1"}},
        "add-related-label:<a>:0",
        {"match_related": {"x": "1", "": []}},
    ),
    "listed label": (
        {"match_related": [{"x": "1"}]},
        "add-related-label:<a>:0",
        {"match_related": [{"x": "1", "": []}]},
    ),
    "drop related label": (
        {"match_related": [{"x": "1", "y": "2"}]},
        "drop-related-label:<a>:0:1",
        {"match_related": [{"x": "1"}]},
    ),
    "drop the last": (
        {"match_related": [{"x": "1"}]},
        "drop-related-label:<a>:0:0",
        {"match_related": []},
    ),
}


@pytest.mark.parametrize(("fields", "do", "expected"), LABELS.values(), ids=LABELS.keys())
def test_an_operation_on_conditions(fields: Document, do: str, expected: Document | None) -> None:
    found = done(draft(event("a", **fields)), do)

    assert found.problem == ""
    wanted = expected if expected is not None else {"match_related": [{"x": "1"}]}
    assert found.document["trigger"] == event("a", **wanted)


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("add", "match.0.label"),
        ("first related", "related.0.0.label"),
        ("second related", "related.1.0.label"),
        ("related label", "related.0.1.label"),
        ("listed label", "related.0.1.label"),
        ("drop", None),
        ("drop related label", None),
    ],
)
def test_a_new_label_is_where_one_goes_on_to_write(operation: str, field: str | None) -> None:
    fields, do, _ = LABELS[operation]

    found = done(draft(event("a", **fields)), do)

    assert found.focus == (f"field-n.{n('a')}.{field}" if field else f"node-{n('a')}")


def test_a_second_label_without_a_name_is_refused() -> None:
    found = done(draft(event("a", match={"": []})), "add-label:<a>")

    assert found.problem == "Name the empty label first."


TWO = {"actions": [{"type": "do-nothing"}, {"type": "cancel-flow-run"}]}
ACTIONS = {
    "add": ("add-action:actions:call-webhook", ["do-nothing", "cancel-flow-run", "call-webhook"]),
    "drop": ("drop-action:actions:0", ["cancel-flow-run"]),
    "up": ("up-action:actions:1", ["cancel-flow-run", "do-nothing"]),
    "down": ("down-action:actions:0", ["cancel-flow-run", "do-nothing"]),
    "place": ("place-action:actions:0:1", ["cancel-flow-run", "do-nothing"]),
    "place at the end": ("place-action:actions:0:9", ["cancel-flow-run", "do-nothing"]),
    "duplicate": ("duplicate-action:actions:0", ["do-nothing", "do-nothing", "cancel-flow-run"]),
}


@pytest.mark.parametrize(("do", "kinds"), ACTIONS.values(), ids=ACTIONS.keys())
def test_an_operation_on_actions(do: str, kinds: list[str]) -> None:
    found = done(draft(event("a"), **TWO), do)

    assert [action["type"] for action in found.document["actions"]] == kinds
    assert (found.focus or "").startswith("action-actions-")


def test_an_action_at_the_edge_stays_where_it_is() -> None:
    two = draft(event("a"), **TWO)

    assert "first" in done(two, "up-action:actions:0").problem
    assert "last" in done(two, "down-action:actions:1").problem


def test_groups_are_not_nested_deeper_than_a_document_may_be() -> None:
    document, deepest = ONE, n("a")
    for _ in range(60):
        document = operate(document, f"group:{deepest}:sequence").document

    assert "deeper" in operate(document, f"group:{deepest}:sequence").problem


@given(automations(), st.data())
def test_operations_keep_ids_unique_and_the_form_whole(
    automation: Document, data: st.DataObject
) -> None:
    document = numbered(automation)
    node = data.draw(st.sampled_from([placed.id for placed in walk(document)]))
    other = data.draw(st.sampled_from([placed.id for placed in walk(document)]))
    arguments = [
        "",
        ":event",
        ":any",
        ":sequence",
        ":0",
        ":0:0",
        f":into:{other}",
        f":after:{other}",
    ]
    argument = data.draw(st.sampled_from(arguments))
    name = data.draw(st.sampled_from(OPERATIONS_OF_NODES))

    found = operate(document, f"{name}:{node}{argument}").document

    ids = [placed.id for placed in walk(found)]
    assert len(ids) == len(set(ids)) > 0
    assert all(
        f"n.{placed.id}.within" in fields_of(found)
        for placed in walk(found)
        if placed.kind != "metric"
    )
