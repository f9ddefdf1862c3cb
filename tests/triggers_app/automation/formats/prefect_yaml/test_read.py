"""What a prefect.yaml says, and what is said about what it should not say."""

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triggers_app.automation.formats.prefect_yaml.read import PrefectFile, parse_prefect_yaml
from triggers_app.automation.formats.prefect_yaml.trigger_options import is_path, read_triggers
from triggers_app.automation.formats.yaml.source import InvalidSource, read_yaml


def parsed(text: str) -> PrefectFile:
    return parse_prefect_yaml(dedent(text), environment={"STAGE": "test"})


def deployment(text: str) -> dict[str, Any]:
    [entry] = parsed(text).entries
    return entry.deployment.model_dump(exclude_none=True)


def test_anchors_and_merged_maps_are_what_they_stand_for() -> None:
    assert deployment(
        """
        definitions:
          base: &base {entrypoint: "f.py:f", tags: [x]}
        deployments:
          - <<: *base
            name: a
            version: 1.2   # people mean text
        """
    ) == {"name": "a", "entrypoint": "f.py:f", "tags": ["x"], "version": "1.2"}


def test_placeholders_of_steps_are_left_out_and_said() -> None:
    file = parsed(
        """
        deployments:
          - name: a
            entrypoint: f.py:f
            version: "{{ build.tag }}"
            description: "on {{ $STAGE }} with {{ build.tag }}"
            triggers:
              - name: "{{ nope }}"
                description: "x{{ nope }}"
                parameters: {p: "{{ event }}"}
        """
    )

    [entry] = file.entries
    assert entry.deployment.version is None
    assert entry.deployment.description == "on test with "
    assert entry.deployment.triggers == [{"description": "x", "parameters": {"p": "{{ event }}"}}]
    assert file.notes[0].startswith("prefect.yaml:5: deployments[0].version: `{{ build.tag }}`")
    assert len(file.notes) == 4


def test_a_problem_in_a_merged_map_has_the_line_of_what_merges_it() -> None:
    file = parsed(
        """
        definitions:
          base: &base {entrypoint: 5}
        deployments:
          - <<: *base
            name: a
        """
    )

    [problem] = file.problems
    assert str(problem).startswith("prefect.yaml:5: deployments[0].entrypoint")


@pytest.mark.parametrize(
    ("option", "path"),
    [
        ("t.yaml", True),
        ("a/T.YML", True),
        ("x.json", True),
        ('{"a": "b.yaml"}', False),
        ("", False),
    ],
)
def test_an_option_is_a_path_by_its_ending(option: str, path: bool) -> None:
    assert is_path(option) is path


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"expect": ["a"]}', 1),
        ("triggers:\n- {expect: [a]}\n- {}", 2),
        ("[{}, {}, {}]", 3),
        ('{"triggers": [{}], "within": 5}', 1),
    ],
    ids=["one", "a list with its key", "a list", "a sequence"],
)
def test_triggers_are_one_or_a_list(text: str, count: int) -> None:
    _, _, triggers = read_triggers(text, name="--trigger")

    assert len(triggers) == count


_FRAGMENTS = """
deployments:
  - name: a
    entrypoint: f.py:f
    triggers:
      - {}
        expect: [a]
    parameters: {a: 1}
- *a
a: &a [*a]
    tags: x
    work_pool: 5
\t
{
? [a]
!!python/object:os.system x
<<: 1
---
    triggers: 5
        parameters: {p: '{{ x '}
    name: {}
2020-01-01: x
""".splitlines()
_LINES = st.lists(st.sampled_from(_FRAGMENTS))


@settings(max_examples=200)
@given(_LINES.map("\n".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        file = parse_prefect_yaml(text)
        assert all(str(problem) for problem in file.problems)
    except InvalidSource as error:
        assert error.problems


def test_numbers_and_times_are_plain_values() -> None:
    source = read_yaml("a: 0x10\nb: 1.5e3\nc: 2026-11-23\nd: yes\ne: ~\n", name="x")

    assert source.value == {"a": 16, "b": 1500.0, "c": "2026-11-23", "d": "yes", "e": None}
