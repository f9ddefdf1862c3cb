"""Edits of somebody's own YAML: only the lines of what changed are others."""

import copy
import difflib
from collections.abc import Callable
from typing import Any

import pytest

from triggers_app.automation.formats.yaml import automation as automation_yaml

TEXT = """\
# landed files, then the snapshot
name: orders   # the name
trigger:
  # the whole
  type: compound
  require: all
  within: &w 1800  # half an hour
  triggers:
    # first
    - type: event   # trail
      posture: Reactive
      expect: [orders.landed, "x"]
      match: {bucket: ["s3://in/*", '!s3://in/tmp/*']}
      threshold: 3
      within: *w

    # second
    - type: event
      # why it reacts
      posture: 'Reactive'
      expect:
        - inventory.done # why
        - b
actions:
- type: do-nothing
"""
Change = Callable[[Any, Any], object]
EDITS: dict[str, tuple[Change, list[str]]] = {
    "a value keeps its comment": (
        lambda d, t: d.update(name="new: name"),
        ["-name: orders   # the name", '+name: "new: name"   # the name'],
    ),
    "an alias of another value is written out": (
        lambda d, t: d["trigger"].update(within=60),
        [
            "-  within: &w 1800  # half an hour",
            "+  within: &w 60  # half an hour",
            "-      within: *w",
            "+      within: 1800",
        ],
    ),
    "an alias that still holds stays": (
        lambda d, t: (d["trigger"].update(within=60), t[0].update(within=60)),
        ["-  within: &w 1800  # half an hour", "+  within: &w 60  # half an hour"],
    ),
    "quotes stay": (
        lambda d, t: t[1].update(posture="Proactive"),
        ["-      posture: 'Reactive'", "+      posture: 'Proactive'"],
    ),
    "flow style stays": (
        lambda d, t: (t[0]["expect"].append("z, y"), t[0]["match"].update(k="v")),
        [
            '-      expect: [orders.landed, "x"]',
            "-      match: {bucket: [\"s3://in/*\", '!s3://in/tmp/*']}",
            '+      expect: [orders.landed, "x", "z, y"]',
            "+      match: {bucket: [\"s3://in/*\", '!s3://in/tmp/*'], k: v}",
        ],
    ),
    "an item of a flow list goes": (
        lambda d, t: t[0]["match"]["bucket"].pop(0),
        [
            "-      match: {bucket: [\"s3://in/*\", '!s3://in/tmp/*']}",
            "+      match: {bucket: ['!s3://in/tmp/*']}",
        ],
    ),
    "an item of a block list comes": (
        lambda d, t: t[1]["expect"].insert(1, "new"),
        ["+        - new"],
    ),
    "a key goes": (lambda d, t: d["trigger"].pop("require"), ["-  require: all"]),
    "the key behind a dash goes": (
        lambda d, t: t[0].pop("type"),
        ["-    - type: event   # trail", "-      posture: Reactive", "+    - posture: Reactive"],
    ),
    "the comment below the key behind a dash stays": (
        lambda d, t: t[1].pop("type"),
        ["-    - type: event", "-      posture: 'Reactive'", "+    - posture: 'Reactive'"],
    ),
    "keys come in their place": (
        lambda d, t: d.update({"description": "a\nb\n", "tags": ["x"]}),
        ["+description: |", "+  a", "+  b", "+tags: [x]"],
    ),
    "a node goes with its comments": (
        lambda d, t: t.pop(1),
        [f"-{line}" for line in TEXT.split("\n")[16:23]],
    ),
    "a list indented otherwise": (
        lambda d, t: d["actions"].append({"type": "pause-work-pool", "source": "inferred"}),
        ["+- type: pause-work-pool", "+  source: inferred"],
    ),
    "a block becomes empty": (
        lambda d, t: t[1].update(expect=[]),
        ["-      expect:", "-        - inventory.done # why", "-        - b", "+      expect: []"],
    ),
}


@pytest.mark.parametrize(("change", "lines"), EDITS.values(), ids=EDITS)
def test_only_the_lines_of_what_changed_are_others(change: Change, lines: list[str]) -> None:
    old = automation_yaml.read(TEXT).document
    assert old is not None
    new = copy.deepcopy(old)
    change(new, new["trigger"]["triggers"])

    text = automation_yaml.apply_edit(TEXT, old, new)

    assert automation_yaml.read(text).document == new
    changed = difflib.unified_diff(TEXT.splitlines(), text.splitlines(), lineterm="", n=0)
    assert sorted(each for each in changed if each[:2] not in ("--", "++", "@@")) == sorted(lines)


def test_a_node_that_moves_takes_its_comments_along() -> None:
    old = automation_yaml.read(TEXT).document
    assert old is not None
    new = copy.deepcopy(old)
    new["trigger"]["triggers"].reverse()

    text = automation_yaml.apply_edit(TEXT, old, new)

    rows = TEXT.split("\n")
    moved = rows[:8] + rows[16:23] + rows[8:16] + rows[23:]
    assert text == "\n".join(moved)


def test_what_is_equal_keeps_every_byte() -> None:
    document = automation_yaml.read(TEXT).document
    assert document is not None

    assert automation_yaml.apply_edit(TEXT, {}, document) == TEXT


def test_windows_line_ends_stay() -> None:
    old = {"name": "a", "actions": [], "trigger": {"type": "event"}}
    text = "name: a\r\nactions: []\r\ntrigger:\r\n  type: event\r\n"

    text = automation_yaml.apply_edit(text, old, {**old, "tags": ["x"], "name": "b"})

    expected = "name: b\r\nactions: []\r\ntrigger:\r\n  type: event\r\ntags: [x]\r\n"
    assert text == expected


def test_a_key_taken_from_a_merge_is_written_out() -> None:
    text = "x: &x {a: 1, b: 2}\ny:\n  <<: *x  # base\n  c: 3\n"
    old = {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 2, "c": 3}}

    changed = automation_yaml.apply_edit(text, old, {**old, "y": {"a": 5, "b": 2, "c": 3}})
    less = automation_yaml.apply_edit(text, old, {**old, "y": {"a": 1, "c": 3}})

    assert changed == "x: &x {a: 1, b: 2}\ny:\n  a: 5\n  <<: *x  # base\n  c: 3\n"
    assert less == "x: &x {a: 1, b: 2}\ny:\n  a: 1\n  c: 3\n"


def test_a_text_that_is_no_yaml_is_replaced_below_its_opening_comment() -> None:
    new = {"name": "a"}

    assert automation_yaml.apply_edit("a: [", {}, new) == "name: a\n"
    assert automation_yaml.apply_edit("# mine\n? [x]\n: y\n", {}, new) == "# mine\nname: a\n"


PROBLEMS = [
    ("a: [", 1, 5, "This is not YAML"),
    ("name: x\nname: y", 2, 1, "duplicate key"),
    ("a: *b", 1, 4, "undefined alias"),
    ("- 1", 1, 1, "An automation is an object with keys."),
    ("name: [1]\ntrigger: {type: event}\nactions: []", 1, 7, "valid string"),
    ("trigger: {type: event}\nactions: []\nname: x", 1, 1, "`posture` is required."),
    ("name: x\nactions: []\ntrigger:\n  type: nope\n", 4, 3, "`type` must be one of"),
    ("name: x\ntrigger:\n  thresold: 3\n  posture: Reactive\nactions: []", 3, 3, "`threshold`"),
    ("name: x\nactions:\n- type: run-deployment\n", 3, 3, "`deployment_id` is required"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), PROBLEMS)
def test_a_problem_has_its_place(text: str, line: int, column: int, message: str) -> None:
    found = automation_yaml.read(text).diagnostics

    assert any(
        (each.line, each.column) == (line, column) and message in each.message for each in found
    ), list(map(str, found))


LARGE = """name: x
trigger:
  type: compound
  require: all
  within: 10
  triggers:
  - type: event
    match:
      prefect.resource.id:
      - 7
      - 8
  - type: event
    posture: Proactive
    within: 5
actions: []
"""
MARKED = [
    ("`posture` is required", "type"),
    ("`within` must be at least 10 seconds", "within"),
    ("A label is matched", "prefect.resource.id"),
]


@pytest.mark.parametrize(("message", "word"), MARKED)
def test_a_problem_marks_one_word_of_a_part_of_many_lines(message: str, word: str) -> None:
    found = automation_yaml.read(LARGE).diagnostics

    [said] = [each for each in found if each.message.startswith(message)]
    line = LARGE.split("\n")[said.span.line - 1]
    assert said.span.line == said.span.end_line
    assert line[said.span.column - 1 : said.span.end_column - 1] == word


def test_the_remedy_of_a_slip_renames_the_key() -> None:
    text = "name: x\ntrigger: {posture: Reactive, thresold: 3}\nactions: []\n"

    [diagnostic] = automation_yaml.read(text).diagnostics

    assert diagnostic.fix is not None and diagnostic.fix.text == "threshold"
    span = diagnostic.fix.span
    row = text.split("\n")[span.line - 1]
    assert row[span.column - 1 : span.end_column - 1] == "thresold"


def test_what_the_server_made_is_left_out_and_said_and_stays_in_the_text() -> None:
    text = "id: 1\ncreated: 2024-01-01\nname: x\nactions: []\n"

    reading = automation_yaml.read(text)
    assert reading.document is not None
    edited = automation_yaml.apply_edit(text, reading.document, {"name": "z", "actions": []})

    assert reading.document == {"name": "x", "actions": []}
    assert [loss.loc for loss in reading.losses] == [("id",), ("created",)]
    assert edited == text.replace("name: x", "name: z")
