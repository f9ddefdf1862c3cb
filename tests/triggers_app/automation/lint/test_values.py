"""L01, L16, L20."""

from typing import Any

import pytest

from tests.menagerie import reactive
from tests.triggers_app.automation.lint.looking import Case, check_fires, check_silent
from triggers_app.automation.lint import values
from triggers_app.automation.lint.context import LintContext

RESOURCE = "prefect.resource.id"
ROLE = "prefect.resource.role"
SEEN = LintContext(
    label_values={
        "bucket": {"in/a.csv": 5, "In/A.csv": 1, "tmp/x": 3},
        "related:tag:prefect.resource.id": {"prefect.tag.Prod": 4},
        "query": {"a?b": 1, "acb": 9},
    }
)


def matching(label: str, given: Any) -> Any:
    return reactive("e", match={label: given})


def related(given: Any) -> Any:
    return reactive("e", match_related=[{ROLE: "tag", RESOURCE: given}])


BUCKET = ("trigger", "match", "bucket")
RELATED = ("trigger", "match_related", 0, RESOURCE)

OR_ED = {
    "something and not a part of it": Case(
        values.or_ed_negation,
        matching("bucket", ["in/*", "!in/tmp/*"]),
        loc=BUCKET,
        says="`!in/tmp/*` alone already lets in",
        fixed=matching("bucket", ["in/*"]),
    ),
    "two negations": Case(values.or_ed_negation, matching("bucket", ["!a", "!b"]), loc=BUCKET),
    "two negations of values that were seen": Case(
        values.or_ed_negation,
        matching("bucket", ["!tmp/*", "!*/A.csv"]),
        facts=SEEN,
        loc=BUCKET,
        fixed=matching("bucket", ["in/a.csv"]),
    ),
    "negations that nothing seen fits": Case(
        values.or_ed_negation, matching("bucket", ["!*", "!?*"]), facts=SEEN, loc=BUCKET
    ),
    "related": Case(values.or_ed_negation, related(["p", "!q"]), loc=RELATED, fixed=related(["p"])),
}
METACHARACTERS = {
    "a question mark in an id": Case(
        values.metacharacters,
        matching(RESOURCE, "in/a.csv?v=1"),
        loc=("trigger", "match", RESOURCE),
        says="`in/a.csv[?]v=1`",
        fixed=matching(RESOURCE, "in/a.csv[?]v=1"),
    ),
    "brackets in one of several": Case(
        values.metacharacters,
        matching(RESOURCE, ["a", "!orders[eu]?"]),
        loc=("trigger", "match", RESOURCE, 1),
        fixed=matching(RESOURCE, ["a", "!orders[[]eu][?]"]),
    ),
    "one of them escaped already": Case(
        values.metacharacters,
        related("a[?]b?"),
        loc=RELATED,
        fixed=related("a[?]b[?]"),
    ),
    "a value seen just so": Case(
        values.metacharacters,
        matching("query", "a?b"),
        facts=SEEN,
        loc=("trigger", "match", "query"),
        fixed=matching("query", "a[?]b"),
    ),
}
CASE = {
    "another case": Case(
        values.different_case,
        matching("bucket", ["IN/a.csv"]),
        facts=SEEN,
        loc=(*BUCKET, 0),
        says="written like `in/a.csv`",
        fixed=matching("bucket", ["in/a.csv"]),
    ),
    "another case of a beginning": Case(
        values.different_case,
        matching("bucket", "!TMP/*"),
        facts=SEEN,
        loc=BUCKET,
        fixed=matching("bucket", "!tmp/*"),
    ),
    "another case of an end": Case(
        values.different_case, matching("bucket", "*.CSV"), facts=SEEN, loc=BUCKET
    ),
    "related": Case(
        values.different_case,
        related("prefect.tag.prod"),
        facts=SEEN,
        loc=RELATED,
        fixed=related("prefect.tag.Prod"),
    ),
    "seen with a question mark": Case(
        values.different_case,
        matching("query", "A[?]B"),
        facts=LintContext(label_values={"query": {"a?b": 1}}),
        loc=("trigger", "match", "query"),
    ),
}


@pytest.mark.parametrize("case", OR_ED.values(), ids=OR_ED.keys())
def test_alternatives_with_a_negation_are_named(case: Case) -> None:
    check_fires("L01", case)


@pytest.mark.parametrize("case", METACHARACTERS.values(), ids=METACHARACTERS.keys())
def test_metacharacters_in_a_literal_id_are_named(case: Case) -> None:
    check_fires("L16", case)


@pytest.mark.parametrize("case", CASE.values(), ids=CASE.keys())
def test_case_that_differs_from_every_seen_value_is_named(case: Case) -> None:
    check_fires("L20", case)


SILENT = {
    "one negation": Case(values.or_ed_negation, matching("a", "!x")),
    "the same negation twice": Case(values.or_ed_negation, matching("a", ["!x", "!x"])),
    "alternatives": Case(values.or_ed_negation, matching("a", ["x", "y*"])),
    "an exception from a negation": Case(
        values.or_ed_negation, matching("a", ["!tmp/*", "tmp/keep/*"])
    ),
    "no values": Case(values.or_ed_negation, matching("a", [])),
    "a plain id": Case(values.metacharacters, matching(RESOURCE, "orders.1")),
    "an open bracket": Case(values.metacharacters, matching(RESOURCE, "orders[")),
    "a glob with a star": Case(values.metacharacters, matching(RESOURCE, "orders.?.*")),
    "a glob that fits what was seen": Case(
        values.metacharacters,
        matching(RESOURCE, "node-?"),
        facts=LintContext(label_values={RESOURCE: {"node-1": 2}}),
    ),
    "a question mark in another label": Case(values.metacharacters, matching("a", "x?")),
    "nothing seen": Case(values.different_case, matching("bucket", "IN/*")),
    "seen in this case": Case(
        values.different_case, matching("bucket", ["tmp/*", "In/A.csv"]), facts=SEEN
    ),
    "never seen in any case": Case(values.different_case, matching("bucket", "x"), facts=SEEN),
    "related of any role": Case(
        values.different_case,
        reactive("e", match_related={ROLE: "*", RESOURCE: "x"}),
        facts=SEEN,
    ),
}


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT.keys())
def test_values_that_do_what_they_say_are_left_alone(case: Case) -> None:
    check_silent(case)
