"""Trigger documents: what is accepted, what is refused, what is echoed."""

from typing import Any

import pytest

from project.lib.json_documents import Document
from project.lib.problems import Invalid
from tests.menagerie import compound, proactive, reactive, sequence
from triggers_app.automation.parsing import parse_trigger
from triggers_app.automation.triggers import (
    EventTrigger,
    Matching,
    Posture,
    event_names_of,
    renumber,
)

METRIC = {"name": "lateness", "threshold": 60, "operator": ">"}
MEASURED = {"type": "metric", "metric": METRIC}


def parsed(document: object) -> Any:
    return parse_trigger(document)


def problems(document: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse_trigger(document)
    return {problem.path: problem.msg for problem in refused.value.problems}


def test_defaults_are_echoed_as_prefect_does() -> None:
    echoed = parsed({"posture": "Reactive", "expect": ["x"]}).model_dump(mode="json")

    assert list(echoed.items()) == [
        ("type", "event"),
        ("id", None),
        ("match", {}),
        ("match_related", {}),
        ("after", []),
        ("expect", ["x"]),
        ("for_each", []),
        ("posture", "Reactive"),
        ("threshold", 1),
        ("within", 0.0),
    ]


@pytest.mark.parametrize(
    ("within", "seconds"),
    [(90, 90.0), (0.5, 0.5), ("PT1M", 60.0), ("00:01:30", 90.0), ("P1DT2S", 86402.0)],
)
def test_durations_come_in_several_forms_and_leave_as_seconds(
    within: object, seconds: float
) -> None:
    assert parsed(reactive(within=within)).model_dump(mode="json")["within"] == seconds


@pytest.mark.parametrize("fields", [{}, {"within": 0}])
def test_proactive_without_time_waits_ten_seconds(fields: Document) -> None:
    assert parsed(proactive("x", **fields)).within.total_seconds() == 10


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        ({"expect": ["x"]}, "posture", "required"),
        ({"posture": "reactive"}, "posture", "'Reactive' or 'Proactive'"),
        ({"type": "event", "posture": "Metric"}, "posture", "'Reactive'"),
        (proactive(within=5), "", "at least 10 seconds"),
        (reactive(within=None), "within", "timedelta"),
        (reactive(within=-1), "within", "not be negative"),
        (reactive(within="soon"), "within", "timedelta"),
        (reactive(within="45"), "within", "timedelta"),
        (reactive(within=float("inf")), "within", "finite"),
        (reactive(threshold=1.5), "threshold", "integer"),
        (reactive() | {"expect": "x"}, "expect", "list"),
        (reactive(match={"a": 1}), "match.a", "a text or a list of texts"),
        (reactive(match={"a": ["b", 1]}), "match.a", "a text or a list of texts"),
        (reactive(match_related=[{"a": 1}]), "match_related[0].a", "a text or a list"),
        (reactive(match_related={"a": 1}), "match_related.a", "a text or a list"),
        (reactive(match_related=3), "match_related", "dictionary"),
        (reactive(expect=["a\x00"]), "expect[0]", "NUL"),
        (reactive(match={"\ud800": "a"}), "match", "surrogate"),
        ({"type": "declare"}, "", "must be one of event, compound"),
        ({"type": 1}, "", "must be one of event, compound"),
        (3, "", "dictionary"),
        (compound(reactive(), require=0), "", "at least 1"),
        (compound(reactive(), require=3), "", "not be larger"),
        (compound(reactive(), require="some"), "require", "`any`, `all`"),
        (compound(reactive(), require=True), "require", "`any`, `all`"),
        ({"type": "compound", "require": "all", "triggers": []}, "within", "required"),
        ({"type": "sequence", "triggers": []}, "within", "required"),
        (compound({"expect": ["x"]}), "triggers[0].posture", "required"),
        (compound(sequence({"type": "x"})), "triggers[0].triggers[0]", "must be one of"),
        (compound(reactive(), for_each=["a"]), "", "Condition 1 is not grouped by `a`"),
        ({"posture": "Metric"}, "metric", "required"),
        ({"metric": METRIC | {"range": 299}}, "metric.range", "at least 300 seconds"),
        ({"metric": METRIC | {"operator": "="}}, "metric.operator", "'<'"),
    ],
)
def test_refuses_with_place_and_sentence(document: object, path: str, said: str) -> None:
    found = problems(document)

    assert list(found) == [path]
    assert said in found[path]
    assert found[path].endswith(".")


@pytest.mark.parametrize(
    "document",
    [
        reactive(threshold=0),
        reactive(threshold=-1),
        reactive(bogus=1),
        reactive(match={"a": []}),
        compound(),
        compound(require="any"),
        compound(reactive(), within=-5),
        sequence(reactive(), require="all"),
        compound(compound(sequence(compound(sequence(reactive()))))),
        {"metric": METRIC | {"range": 600, "firing_for": "PT5M"}},
        compound(
            reactive(for_each=["a", "b"]),
            sequence(reactive(for_each=["b"]), for_each=["b"]),
            for_each=["b"],
        ),
    ],
)
def test_accepts_what_prefect_accepts_and_keeps_what_it_does_not_know(document: Document) -> None:
    echoed = parsed(document).model_dump(mode="json")

    assert parsed(echoed).model_dump(mode="json") == echoed
    assert set(document) <= set(echoed)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"posture": "Reactive"}, "event"),
        ({"triggers": [], "within": None, "require": "all"}, "compound"),
        ({"triggers": [], "within": None}, "sequence"),
        ({"metric": METRIC}, "metric"),
    ],
)
def test_type_is_told_from_the_keys_where_it_is_left_out(document: Document, kind: str) -> None:
    assert parsed(document).type == kind


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"expect": ["a", "b.*"]}, ["a", "b.*"]),
        ({"expect": ["a"], "after": ["start"]}, ["a", "start"]),
        ({"expect": [], "after": ["start"]}, []),
        ({"type": "metric", "posture": "Metric", "metric": METRIC}, ["prefect.flow-run.*"]),
    ],
)
def test_the_names_that_a_trigger_looks_at(document: dict[str, Any], names: list[str]) -> None:
    """The engine, the funnel, lint, the explanations and the feed all ask here."""
    trigger = parse_trigger({"posture": "Reactive", **document})

    assert isinstance(trigger, Matching)
    assert trigger.event_names == event_names_of(document) == names


def test_a_group_looks_at_no_names_itself() -> None:
    assert event_names_of({"triggers": [], "require": "any", "expect": ["a"]}) is None


def test_names_are_sets() -> None:
    assert parsed(reactive("a", "b", "a")).expect == ["a", "b"]


def test_composites_show_for_each_only_where_it_is_used() -> None:
    plain, keyed = parsed(compound()), parsed(compound(for_each=["a"]))

    assert "for_each" not in plain.model_dump(mode="json")
    assert keyed.model_dump(mode="json")["for_each"] == ["a"]


@pytest.mark.parametrize("written", ["not a uuid", 7, None])
def test_id_that_is_none_is_forgotten(written: object) -> None:
    assert parsed(reactive(id=written)).id is None


def test_trigger_without_id_says_so() -> None:
    with pytest.raises(ValueError, match="no id"):
        _ = parsed(reactive()).node_id


def test_too_deep_nesting_is_refused() -> None:
    document = reactive()
    for _ in range(200):
        document = compound(document)

    [message] = problems(document).values()

    assert "nested deeper" in message


def test_walk_goes_through_the_tree_in_declaration_order() -> None:
    tree = parsed(compound(reactive("a"), sequence(reactive("b"), reactive("c"))))

    kinds = [getattr(node, "expect", node.type) for node in tree.walk()]

    assert kinds == ["compound", ["a"], "sequence", ["b"], ["c"]]


def test_related_specifications_leave_out_what_constrains_nothing() -> None:
    trigger = parsed(reactive(match_related=[{}, {"a": "b"}]))

    assert isinstance(trigger, EventTrigger)
    assert trigger.related_specifications == [{"a": "b"}]
    assert parsed(reactive()).related_specifications == []
    assert renumber(trigger, lambda node: node.id) == trigger  # type: ignore[arg-type,return-value]
    assert trigger.posture is Posture.REACTIVE


@pytest.mark.parametrize(
    ("document", "needed"),
    [
        (reactive("a", threshold=3), 3),
        (reactive("a", threshold=0), 0),
        (proactive("a", within=60, threshold=2), 2),
        (MEASURED, 1),
        (compound(reactive("a"), MEASURED), 2),
        (compound(reactive("a"), MEASURED, require="any"), 1),
        (compound(reactive("a"), MEASURED, reactive("b"), require=2), 2),
        (compound(), 0),
        (sequence(reactive("a"), reactive("b")), 2),
        (sequence(), 0),
    ],
    ids=["counted", "at once", "absence", "metric", "all", "any", "two of three", "no parts",
         "in order", "nothing in order"],
)  # fmt: skip
def test_how_much_it_takes_to_fire_is_said_by_the_trigger(document: Document, needed: int) -> None:
    assert parse_trigger(document | {"needed": 7}).needed == needed
