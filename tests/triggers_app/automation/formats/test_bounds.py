"""No text costs much more than others of its size: bounded before it is built, in every format."""

import re
from collections.abc import Callable
from functools import partial
from time import thread_time
from typing import Any

import pytest

from triggers_app.automation.formats import detect
from triggers_app.automation.formats.reading import MAX_TEXT, MAX_VALUES
from triggers_app.automation.formats.registry import Format
from triggers_app.automation.formats.terraform import tree as hcl_tree
from triggers_app.automation.formats.yaml import (
    automation as automation_yaml,
)
from triggers_app.automation.formats.yaml import (
    events as yaml_events,
)
from triggers_app.automation.formats.yaml.events import Unreadable, events_of
from triggers_app.automation.formats.yaml.source import InvalidSource, read_yaml

SECONDS = 10  # of CPU; the dearest takes 1.5 on an idle machine, without a bound hours


def filled(piece: str, size: int = MAX_TEXT - 200) -> str:
    return piece * (size // len(piece))


YAML = {
    "numbers": "a: [" + filled("0,") + "0]",
    "aliases in aliases": "a0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
    "merges in merges": "a0: &a0 {k0: 1}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}\n" for n in range(1, 1500)),
    "a chain of merges": "a0: &a0 {k0: 1}\n"
    + "".join(f"a{n}: &a{n}\n  <<: *a{n - 1}\n  k{n}: 1\n" for n in range(1, 1500)),
    "a large map merged often": "a: &a {"
    + ",".join(f"k{n}: 1" for n in range(3000))
    + "}\nb:\n"
    + "- <<: *a\n" * 3000,
    "one map merged with many": "a: &a {x: 1}\nb: {<<: [" + "*a," * 50_000 + "*a]}",
    "an alias of itself": "a: &a [*a]",
    "brackets": filled("["),
    "braces": filled("{a: "),
    "dashes": filled("- "),
    "questions": filled("? "),
    "colons": filled("a:"),
    "quotes": filled('"'),
    "blank lines": "a: 1" + filled("\n") + "b: 1",
    "comments": filled("#\n") + "a: 1",
    "documents": filled("---\n"),
    "tags": "a: [" + filled("!!str ,") + "]",
    "anchors": filled("&a "),
    "keys": "".join(f"k{n}: 0\n" for n in range(20_000)),
    "keys that nobody knows": "trigger:\n" + "".join(f"  thresold{n}: 0\n" for n in range(14_000)),
    "a folded text": 'a: "' + filled("x\n  ") + '"',
    "halves of surrogate pairs": "a: [" + filled('"\\ud83d\\ude00",') + "]",
}
JSON = {
    "numbers": "[" + filled("0,") + "0]",
    "lists": "[" + filled("[],") + "0]",
    "brackets": filled("["),
    "keys that nobody knows": '{"trigger":{'
    + ",".join(f'"thresold{n}":0' for n in range(12_000))
    + "}}",
    "parts": '{"trigger":{"triggers":[' + ",".join(["{}"] * 29_000) + "]}}",
    "automations": "[" + ",".join(['{"trigger":{}}'] * 9000) + "]",
}
HCL = {
    "numbers": "trigger = [" + filled("0,") + "]\n",
    "references": "trigger = [" + filled("a.b,") + "]\n",
    "attributes": "trigger = {\n" + filled("a = 1\n") + "}\n",
    "resources": filled('resource "prefect_automation" "x" {\ntrigger = {}\n}\n'),
    "deployments": 'resource "prefect_automation" "x" {\nactions = ['
    + "{deployment_id = prefect_deployment.a.id}," * 3500
    + "]\n}\n",
    "a nest": "trigger = " + filled("{compound = {triggers = ["),
    "parentheses": "trigger = " + filled("("),
    "a sum": "trigger = 1" + filled(" + 1") + "\n",
    "conditions": "trigger = " + filled("a ? b : ") + "c\n",
    "a here-document of blank lines": "trigger = <<A\n" + filled("\n") + "x\nA\n",
    "a here-document of blanks": "trigger = <<A\nx" + filled(" ") + "x\nA\n",
    "a here-document without an end": "trigger = <<A\n" + filled("x\n"),
    "blanks": "trigger = {" + filled(" ") + "}\n",
    "interpolations": 'trigger = "' + filled("${a}") + '"\n',
    "comments": filled("/* */") + "\ntrigger = {}\n",
    "JSON in a text": 'trigger = { event = { match = "' + filled("[") + '" } }\n',
}
PYTHON = {
    "numbers": "DeploymentEventTrigger(expect=[" + filled("0,") + "])",
    "names in names": "a0 = ['x'] \n"
    + "".join(f"a{n} = [{','.join([f'a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    + filled("DeploymentEventTrigger(expect=a11)\n", 100_000),
    "triggers": filled("DeploymentEventTrigger()\n"),
    "deployments": filled("f.serve(triggers=[{}])\n"),
    "functions and deployments": filled("def f(): pass\nf.serve(triggers=[{}])\n"),
    "one long line": "x = [" + filled('"é",') + "]; DeploymentEventTrigger(expect=x)",
    "parentheses": filled("("),
    "minus signs": "x = " + filled("-") + "1",
    "attributes": "x = a" + filled(".b"),
    "a sum": "x = 1" + filled(" + 1"),
    "lambdas": "x = " + filled("lambda: ") + "1",
}
CURL = {
    "here-documents": "curl -d @- " + filled("<<a\n"),
    "quotes": "curl " + filled("-d '"),
    "escapes": "curl " + filled('-d "\\"'),
    "equals signs": "curl -d" + filled("="),
}
BLOCK = {
    "triggers": "triggers:\n" + filled("- {}\n"),
    "deployments": "deployments:\n" + filled("- triggers: [{}]\n"),
    "placeholders": "triggers:\n- expect: [" + filled('"{{ x }}",') + "]",
    "placeholders without an end": 'triggers:\n- expect: "' + filled("{{") + '"',
    "a placeholder of blanks": 'triggers:\n- expect: "{{ x' + filled(" ") + 'y }}"',
}
TEXTS = {
    f"{format}: {name}": (format, text)
    for format, texts in [
        (Format.YAML, YAML),
        (Format.JSON, JSON),
        (Format.HCL, HCL),
        (Format.PYTHON, PYTHON),
        (Format.CURL, CURL),
        (Format.PREFECT_YAML, BLOCK),
    ]
    for name, text in texts.items()
}


def cpu_of(call: Callable[[], object]) -> float:
    before = thread_time()
    call()
    return thread_time() - before


@pytest.mark.parametrize(("format", "text"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_or_refused_in_bounded_time(format: Format, text: str) -> None:
    assert len(text) <= MAX_TEXT
    hcl_tree.parse("")  # the grammar is built once

    assert cpu_of(lambda: detect.detect(text)) < SECONDS / 5
    assert cpu_of(lambda: detect.read(text, format)) < SECONDS


@pytest.mark.parametrize(
    "text", ["\n", " ", "\t", "x ", "resource\n", 'a = "', "- ", "import ", "curl ", "{{ "]
)
def test_a_format_is_told_in_bounded_time(text: str) -> None:
    assert cpu_of(lambda: detect.detect("x" + filled(text) + "x")) < SECONDS / 5


REFUSED = [
    (Format.YAML, "numbers"), (Format.YAML, "aliases in aliases"), (Format.YAML, "keys"),
    (Format.YAML, "merges in merges"), (Format.YAML, "a large map merged often"),
    (Format.PYTHON, "numbers"), (Format.PYTHON, "names in names"),
    (Format.JSON, "numbers"), (Format.HCL, "numbers"), (Format.PREFECT_YAML, "triggers"),
]  # fmt: skip


@pytest.mark.parametrize(("format", "name"), REFUSED)
def test_what_holds_too_much_is_refused_where_it_becomes_too_much(
    format: Format, name: str
) -> None:
    _, text = TEXTS[f"{format}: {name}"]

    [said] = detect.read(text, format).errors
    assert f"more than {MAX_VALUES:,} values" in said.message
    assert (said.line, said.column) > (1, 1)


def test_no_more_events_are_read_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    events = yaml_events._event

    def counted(found: Any) -> Any:
        read.append(1)
        return events(found)

    monkeypatch.setattr(yaml_events, "_event", counted)

    with pytest.raises(Unreadable, match="more than 100 values"):
        events_of("[" + "0," * 100_000 + "0]", most=100)
    with pytest.raises(Unreadable, match="deeper than 64"):
        events_of("- " * 100_000)

    assert len(read) < 300


def test_an_alias_counts_as_much_as_it_stands_for() -> None:
    text = "a: &a [1, 2, 3]\nb: [*a, *a]\nc: {<<: &m {x: 1, y: 2}, z: *a}\n"

    events_of(text, most=29)
    with pytest.raises(Unreadable):
        events_of(text, most=10)


def test_a_file_of_500_deployments_that_share_their_settings_is_read() -> None:
    shared = "".join(f"    k{n}: [1, 2]\n" for n in range(20))
    one = "- <<: *base\n  name: d{n}\n  triggers:\n  - <<: *trigger\n    expect: [a{n}]\n"
    text = (
        f"definitions:\n  base: &base\n{shared}"
        "  trigger: &trigger {match: {a: b}, within: 60}\n"
        "deployments:\n" + "".join(one.format(n=n) for n in range(500))
    )

    source = read_yaml(text, name="prefect.yaml")

    last = source.value["deployments"][499]
    assert (last["k19"], last["triggers"][0]["within"]) == ([1, 2], 60)
    assert source.line(("deployments", 499, "triggers", 0, "expect")) == text.count("\n")


def test_editing_a_large_text_costs_little_more_than_reading_it() -> None:
    def document(name: str) -> dict[str, object]:
        events = [{"type": "event", "posture": "Reactive", "expect": [name]}]
        events += [{**events[0], "expect": [f"a.{n}"]} for n in range(1000)]
        trigger = {"type": "compound", "require": "all", "within": 60, "triggers": events}
        return {"name": "n", "trigger": trigger, "actions": []}

    text = "# ours\n" + automation_yaml.write(document("one")).text
    edit = partial(automation_yaml.apply_edit, text, document("one"), document("two"))

    assert cpu_of(edit) < SECONDS
    assert edit() == text.replace("one", "two")


def test_what_it_refuses_has_its_line() -> None:
    with pytest.raises(InvalidSource) as refusal:
        read_yaml("a: &a [1]\nb:\n  - *a\n  - *nope\n", name="f.yaml")

    assert str(refusal.value) == "f.yaml:4: This is not YAML: found undefined alias 'nope'."


SAME = ['"\\ud83d\\ude00"', "'x'", "[a, {b: c}]", "|\n  x\n  y", ">-\n  x\n  y\n\n  z", "1", "&a b"]


@pytest.mark.parametrize("value", SAME)
def test_both_readers_of_yaml_say_the_same(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"# c\nkey: {value}\nother: 1\n"
    fast = [event for event in events_of(text) if event.kind != "other"]

    monkeypatch.setattr(yaml_events, "_HALVES", re.compile(""))
    slow = [event for event in events_of(text) if event.kind != "other"]

    assert fast == slow
