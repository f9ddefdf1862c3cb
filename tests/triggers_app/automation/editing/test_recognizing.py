"""Nodes of a text are found again among those of the draft, as docs/builder.md says."""

from typing import Any

import pytest

from triggers_app.automation.editing.recognizing import recognized

Node = dict[str, Any]


def event(name: str, id: str | None = None, **more: Any) -> Node:
    return {"type": "event", "expect": [name], **more, **({"id": id} if id else {})}


def group(*children: Node, id: str | None = None) -> Node:
    return {"type": "compound", "triggers": list(children), **({"id": id} if id else {})}


def ids(node: Any) -> list[Any]:
    found = [node["id"]] if isinstance(node, dict) else []
    return found + [id for child in node.get("triggers", []) for id in ids(child)]


KNOWN = group(event("a", "A"), event("b", "B"), event("b", "C"), id="G")


@pytest.mark.parametrize(("text", "expected"), [
    (group(event("a"), event("b"), event("b")), "GABC"),
    (group(event("b"), event("a"), event("b")), "GBAC"),
    (group(event("x"), event("a"), event("b"), event("b")), "GnACB"),  # twins are each other
    (group(event("a"), event("b", threshold=2), event("b")), "GABC"),
    (group(event("b"), event("b")), "GCB"),
    (group(event("a"), group(event("b"), event("b"))), "GAnBC"),
    (group(group(event("a"), event("b"), event("b"))), "nGABC"),
    (event("b"), "B"),
    (event("z"), "G"),
    (group(event("a", "B"), event("b", "B"), event("b", "x")), "GABC"),
    (group(), "G"),
], ids=["nothing changed", "moved", "one before them", "changed in its place", "one less",
        "two grouped", "all in a new group", "one alone", "another in its place",
        "ids of the text are not heeded", "emptied"])  # fmt: skip
def test_a_node_keeps_its_id_where_it_stays_moves_or_changes(text: Node, expected: str) -> None:
    found = recognized(text, KNOWN, lambda: "n")

    assert "".join(ids(found)) == expected


@pytest.mark.parametrize("odd", [None, 3, "a", ["a"], {"triggers": "b"}, {"triggers": [None, 1]}])
def test_what_is_no_trigger_is_left_as_it_is(odd: Any) -> None:
    found = recognized(odd, odd, lambda: "n")

    assert found == ({**odd, "id": "n"} if isinstance(odd, dict) else odd)


def test_an_id_is_given_once() -> None:
    twice = group(event("a"), event("a"), event("a"))

    found = recognized(twice, group(event("a", "A"), event("a", "B"), id="G"), lambda: "n")

    assert ids(found) == ["G", "A", "B", "n"]
