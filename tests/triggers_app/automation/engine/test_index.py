"""The index finds exactly the triggers whose conditions an event meets."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.domain.event import Event
from project.lib.json_documents import Document
from tests.menagerie import event, reactive, related, trigger
from triggers_app.automation.engine.index import MAX_CACHED_NAMES, Index
from triggers_app.automation.engine.selection import Selection, shortest_prefixes
from triggers_app.automation.triggers import EventTrigger

IDS = "prefect.resource.id"


class Item:
    """Stands on the index's shelves in place of a trigger at work."""

    numbers = count()

    def __init__(self, document: Document) -> None:
        parsed = trigger(document)
        assert isinstance(parsed, EventTrigger)
        self.selection = Selection.of(parsed)
        self.rank = (next(self.numbers), 0)


def index_of(*documents: Document) -> tuple[Index[Item], list[Item]]:
    index: Index[Item] = Index()
    items = [Item(document) for document in documents]
    for item in items:
        index.add(item)
    return index, items


@pytest.mark.parametrize(
    ("document", "wanted", "unwanted"),
    [
        (reactive("a"), event("a"), event("b")),
        (reactive("a.*"), event("a.b"), event("a.")),
        (reactive("a.*", "a.b.*", "c"), event("a.b.c"), event("a")),
        (reactive("a.*", "c"), event("c"), event("cc")),
        (reactive(), event("anything"), None),
        (reactive("!a"), None, event("b")),
        (reactive("a", after=["b"]), event("b"), event("c")),
        (reactive("a", match={IDS: "r.1"}), event("a", resource="r.1"), event("a")),
        (reactive("a", match={IDS: ["r.1", "r.2"]}), event("a", resource="r.2"), event("a")),
        (reactive("a", match={IDS: "r.*"}), event("a", resource="r.9"), event("a")),
        (reactive("a", match={IDS: ["r.*", "r.1*"]}), event("a", resource="r.1"), event("a")),
        (reactive("a", match={IDS: "!r.1"}), event("a"), event("a", resource="r.1")),
        (reactive("a", match={"site": "n"}), event("a", labels={"site": "n"}), event("a")),
        (
            reactive("a", match={"site": "n", "lane": "1*"}),
            event("a", labels={"site": "n", "lane": "12"}),
            event("a", labels={"site": "n", "lane": "2"}),
        ),
        (reactive("a", match={"site": []}), None, event("a", labels={"site": "n"})),
        (
            reactive("a", match_related={"prefect.resource.role": "meal", IDS: "m.1"}),
            event("a", related=[related("guest", "g"), related("meal", "m.1")]),
            event("a", related=[related("guest", "m.1"), related("meal", "g")]),
        ),
        (
            reactive("a", match={"x": "*"}, match_related=[{IDS: "m.*"}, {}, {IDS: "g.*"}]),
            event("a", labels={"x": ""}, related=[related("o", "g.1"), related("o", "m.1")]),
            event("a", labels={"x": ""}, related=[related("o", "g.1")]),
        ),
        (
            reactive("a", match={"x": "1*"}, match_related={IDS: "m.*"}),
            event("a", labels={"x": "1"}, related=[related("o", "m.1")]),
            event("a", labels={"x": "2"}, related=[related("o", "m.1")]),
        ),
    ],
)
def test_finds_what_is_wanted_and_nothing_else(
    document: Document, wanted: Event | None, unwanted: Event | None
) -> None:
    index, items = index_of(document)

    assert wanted is None or index.find(wanted) == items
    assert unwanted is None or index.find(unwanted) == []


def test_two_related_resources_find_a_trigger_once() -> None:
    index, items = index_of(reactive("a", match_related={IDS: ["m.1", "m.2"]}))

    found = index.find(event("a", related=[related("o", "m.1"), related("o", "m.2")]))

    assert found == items


def test_removed_trigger_is_not_found_and_leaves_nothing_behind() -> None:
    documents = [
        reactive("a", match={IDS: "r.1"}),
        reactive("a", match={IDS: "r.1"}),
        reactive("a.*", match={IDS: "r.*"}),
        reactive("a", match={"site": ["n", "s"]}),
        reactive("a", match={"site": []}),
        reactive("a", match_related={IDS: "m.1"}),
        reactive(),
        reactive(),
    ]
    index, items = index_of(*documents)

    for item in items:
        index.find(event("a"))
        index.remove(item)

    assert index.find(event("a", resource="r.1")) == []
    assert (index._names, index._beginnings) == ({}, {})


def test_names_from_outside_do_not_fill_the_memory() -> None:
    index, items = index_of(reactive("n.*"))

    for number in range(MAX_CACHED_NAMES + 10):
        assert index.find(event(f"n.{number}", id="one")) == items

    assert len(index._cache) <= MAX_CACHED_NAMES


def test_only_literal_conditions_that_agree_are_looked_at() -> None:
    index, items = index_of(*(reactive("a", match={IDS: f"r.{number}"}) for number in range(1000)))
    looked_at: list[Item] = []

    [(shelf, _)] = index._remember("a")
    shelf.candidates(event("a", resource="r.7"), looked_at)

    assert looked_at == [items[7]]


NAMES = st.sampled_from(["a", "a.b", "a.b.c", "b", "", "a."])
PATTERNS = st.lists(
    st.sampled_from(["a", "a.b", "*", "a.*", "*.b", "a.*.c", "!a", "a?"]), max_size=3
)
VALUES = st.one_of(
    st.sampled_from(["r.1", "r.*", "!r.1", "*", "r.?", "[r].1"]),
    st.lists(st.sampled_from(["r.1", "r.2", "r.*", "!r.2"]), max_size=2),
)
SPECIFICATIONS = st.dictionaries(st.sampled_from([IDS, "site"]), VALUES, max_size=2)
DOCUMENTS = st.builds(
    lambda expect, after, match, related: reactive(
        *expect, after=after, match=match, match_related=related
    ),
    PATTERNS,
    PATTERNS,
    SPECIFICATIONS,
    st.lists(SPECIFICATIONS, max_size=2),
)
EVENTS = st.builds(
    lambda name, resource, labels, others: event(
        name,
        resource=resource,
        labels=labels,
        related=[related("o", other) for other in others],
    ),
    NAMES,
    st.sampled_from(["r.1", "r.2", "x"]),
    st.dictionaries(st.just("site"), st.sampled_from(["r.1", "r.2", ""])),
    st.lists(st.sampled_from(["r.1", "r.2", "x"]), max_size=2),
)


@given(documents=st.lists(DOCUMENTS, max_size=5), sent=EVENTS)
def test_finds_the_same_as_asking_every_trigger_alone(
    documents: list[Document], sent: Event
) -> None:
    index, items = index_of(*documents)

    alone = [item for item in items if wants(item, sent)]

    assert index.find(sent) == alone


def wants(item: Item, sent: Event) -> bool:
    index: Index[Item] = Index()
    index.add(item)
    return bool(index.find(sent))


def test_shortest_prefixes_are_no_beginnings_of_each_other() -> None:
    assert shortest_prefixes(["a.b", "a", "b.c", "a.b.c", "b.d"]) == ["a", "b.c", "b.d"]
