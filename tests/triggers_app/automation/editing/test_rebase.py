"""Fields of an earlier form under the names that they have now."""

import pytest

from project.lib.json_documents import Document
from tests.triggers_app.automation.editing.documents import draft, event, n
from triggers_app.automation.editing.rebase import rebased

A = f"n.{n('a')}"
FIRST, SECOND = {"type": "do-nothing"}, {"type": "cancel-flow-run"}
X, Y = {"x": "1"}, {"y": "2"}


def labels(**match: str) -> Document:
    return draft(event("a", match=match))


def related(*maps: Document) -> Document:
    return draft(event("a", match_related=list(maps)))


def actions(*listed: Document) -> Document:
    return draft(event("a"), actions=list(listed))


CASES = {
    "node": (f"{A}.within", labels(x="1"), labels(y="1"), f"{A}.within"),
    "label": (f"{A}.match.0.values", labels(x="1"), labels(y="2", x="1"), f"{A}.match.1.values"),
    "renamed": (f"{A}.match.0.values", labels(x="1"), labels(y="1"), f"{A}.match.0.values"),
    "label gone": (f"{A}.match.0.values", labels(x="1", y="2"), labels(y="2"), None),
    "new label": (f"{A}.match.1.label", labels(x="1"), labels(x="1", y="2"), f"{A}.match.2.label"),
    "map": (f"{A}.related.1.0.values", related(X, Y), related(Y), f"{A}.related.0.0.values"),
    "map gone": (f"{A}.related.0.0.values", related(X, Y), related(Y), None),
    "action": ("a.actions.1.type", actions(FIRST, SECOND), actions(SECOND), "a.actions.0.type"),
    "action gone": ("a.actions.0.type", actions(FIRST, SECOND), actions(SECOND), None),
    "same": ("a.actions.0.type", actions(FIRST), actions(FIRST), "a.actions.0.type"),
}


@pytest.mark.parametrize(("name", "before", "after", "now"), CASES.values(), ids=CASES.keys())
def test_a_field_is_found_where_it_has_moved(
    name: str, before: Document, after: Document, now: str | None
) -> None:
    found = rebased({name: "text"}, before, after)

    assert found.fields == ({} if now is None else {now: "text"})
    assert found.gone == ({name: "text"} if now is None else {})
