"""All rules together: order, completeness, and that lint never stumbles."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.menagerie import (
    ETL,
    automation,
    automation_document,
    compound,
    named,
    reactive,
    run_etl,
    sequence,
    trigger,
)
from triggers_app.automation.document import document
from triggers_app.automation.lint.context import (
    BacktestFacts,
    DeploymentFacts,
    LintContext,
    Rendering,
    by_meaning,
)
from triggers_app.automation.lint.finding import apply_fix
from triggers_app.automation.lint.registry import RULES, lint
from triggers_app.automation.lint.seen_names import SeenNames
from triggers_app.automation.loops.links import Other, Others
from triggers_app.automation.parsing import parse_automation

CODES = [f"L{number:02}" for number in range(1, 24)]
DOCS = Path(__file__).parents[4] / "docs" / "lint.md"


def test_errors_come_first_then_places_in_order() -> None:
    parts = [reactive("e", match={"a": ["x", "!y"]}), reactive("e", threshold=2), reactive()]

    found = lint(automation(sequence(*parts)))

    assert [(finding.code, finding.loc[2:]) for finding in found] == [
        ("L05", (1, "within")),
        ("L04", (2, "expect")),
        ("L01", (0, "match", "a")),
        ("L22", (1,)),
        ("L22", (2,)),
    ]


def test_ordinary_automation_has_no_findings() -> None:
    assert lint(automation()) == []


def test_every_rule_names_its_code() -> None:
    for code, rule in RULES.items():
        assert rule.checks
        assert all((check.__doc__ or "").startswith(f"{code}: ") for check in rule.checks)


def test_every_rule_is_explained_in_the_documentation() -> None:
    headings = re.findall(r"^### (L\d\d)", DOCS.read_text(), re.MULTILINE)

    assert sorted(headings) == CODES


RUN = "prefect.flow-run."
DEPLOYMENT = f"prefect.deployment.{ETL}"
GLOBS = ["", "a", "A", "!a", "a*", "*", "!*", "a?", "[a]", "!a[", "12", RUN + "1", RUN + "*"]
TEXTS = st.sampled_from(
    [*GLOBS, "{{ a }}", DEPLOYMENT, f"!{DEPLOYMENT}", "deployment", "tag", "prefect.tag.1"]
)
STATES = [RUN + state for state in ("Running", "Completed", "*", "mine")]
NAMES = st.sampled_from([*STATES, "a", "b?", "*", "!a", "a*", "prefect.automation.*"])
LABELS = st.sampled_from(["prefect.resource.id", "prefect.resource.role", "a", "b"])
VALUES = TEXTS | st.lists(TEXTS, max_size=3)
SPECIFICATIONS = st.dictionaries(LABELS, VALUES, max_size=3)
KEYS = st.lists(st.sampled_from(["a", "related:tag:b"]), max_size=2)
LEAVES = st.fixed_dictionaries(
    {
        "type": st.just("event"),
        "posture": st.sampled_from(["Reactive", "Proactive"]),
        "expect": st.lists(NAMES, max_size=3),
    },
    optional={
        "after": st.lists(NAMES, max_size=3),
        "match": SPECIFICATIONS,
        "match_related": SPECIFICATIONS | st.lists(SPECIFICATIONS, max_size=2),
        "for_each": KEYS,
        "threshold": st.integers(-1, 3),
        "within": st.sampled_from([0, 10, 1e6]),
        "unknown": st.none(),
    },
)
METRICS = st.fixed_dictionaries(
    {
        "type": st.just("metric"),
        "match": SPECIFICATIONS,
        "metric": st.just({"name": "lateness", "threshold": 1, "operator": "<"}),
    }
)


def composites(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.lists(children, min_size=1, max_size=3)
    both = st.builds(lambda parts: compound(*parts, require=1), parts)
    return both | st.builds(lambda parts: sequence(*parts, within=9), parts)


TRIGGERS = st.recursive(LEAVES | METRICS, composites, max_leaves=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(LABELS, inner, max_size=2),
    max_leaves=5,
)
PARAMETERS = st.none() | st.dictionaries(st.sampled_from(["a", "b", "limit"]), JSON, max_size=3)
ACTIONS = st.one_of(
    st.builds(lambda given: run_etl(parameters=given), PARAMETERS),
    st.just({"type": "run-deployment", "source": "inferred"}),
    st.just({"type": "resume-deployment", "deployment_id": str(ETL)}),
    st.just({"type": "do-nothing"}),
)
DOCUMENTS = st.builds(
    lambda trigger, first, second: automation_document(
        trigger, actions=first, actions_on_trigger=second
    ),
    TRIGGERS,
    st.lists(ACTIONS, max_size=2),
    st.lists(ACTIONS, max_size=1),
)

TYPES = st.sampled_from([{"type": "integer"}, {"anyOf": [{"type": "number"}]}, {"default": 1}])
SCHEMAS = st.fixed_dictionaries(
    {}, optional={"properties": st.dictionaries(LABELS, TYPES | JSON) | JSON, "required": JSON}
)
PLACES = st.sampled_from([("trigger",), ("trigger", "triggers", 0), ("trigger", "match_related")])
PATHS = st.tuples(
    st.just("actions"), st.integers(0, 1), st.just("parameters"), st.sampled_from(["a", "limit"])
)
PROBLEMS = st.sampled_from(
    ["", "`a` does not exist.", "`a` does not exist; the nearest name is `b`."]
)
COUNTS = st.dictionaries(TEXTS, st.integers(0, 9), max_size=4)
LOOP = trigger(reactive(RUN + "Completed"))
FACTS = st.builds(
    LintContext,
    written=st.none() | st.dictionaries(st.just("trigger"), JSON),
    event_names=st.none() | COUNTS.map(SeenNames),
    label_values=st.dictionaries(st.sampled_from(["a", "prefect.resource.id"]), COUNTS),
    lacking=st.dictionaries(st.tuples(PLACES, LABELS | st.just("a")), st.floats(0, 1), max_size=5),
    related_per_role=st.dictionaries(TEXTS, st.integers(0, 3), max_size=2),
    finished=st.dictionaries(TEXTS, st.none() | TEXTS, max_size=5),
    deployments=st.builds(
        lambda schema, paused, exists: {
            ETL: DeploymentFacts("etl", schema=schema, paused=paused, exists=exists)
        },
        st.none() | SCHEMAS,
        st.booleans(),
        st.booleans(),
    ),
    rendered=st.dictionaries(
        PATHS,
        st.builds(Rendering, JSON, st.none() | PROBLEMS),
        max_size=2,
    ),
    payload_fields=st.frozensets(st.sampled_from(["a", "limit", "x y"])),
    others=st.just(Others([Other.of(named("b"), "b", LOOP, [ETL])])),
    same_triggers=st.just(by_meaning([(named("b"), "b", LOOP)])),
    backtest=st.none()
    | st.builds(BacktestFacts, st.just(timedelta(days=7)), st.integers(0, 2), st.integers(0, 200)),
    noisy_per_hour=st.integers(0, 100),
    retention=st.none() | st.just(timedelta(days=1)),
)


@settings(max_examples=150)
@given(DOCUMENTS, FACTS)
def test_lint_never_raises_and_every_fix_gives_a_valid_document(
    written: Any, facts: LintContext
) -> None:
    parsed = parse_automation(written)

    for finding in lint(parsed, facts):
        if finding.fix is not None and finding.code != "L09":
            # As its author wrote it, and as it is saved.
            parse_automation(apply_fix(written, finding.fix))
            parse_automation(apply_fix(document(parsed), finding.fix))
