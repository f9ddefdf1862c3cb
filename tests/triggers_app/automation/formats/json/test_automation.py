"""JSON's mistakes at their places, with remedies."""

import pytest

from triggers_app.automation.formats.json import automation as automation_json
from triggers_app.automation.formats.reading import MAX_TEXT, TextSpan

PROBLEMS = [
    ('{"a": 1,}', 8, "no comma before `}`", ""),
    ('["a",\n]', 5, "no comma before `]`", ""),
    ('{"a" 1}', 6, "A colon is missing after the key `a`", ":"),
    ('{"a": 1 "b": 2}', 8, "A comma or `}` is missing", ","),
    ('{"a": tru}', 7, "`tru` is not JSON", None),
    ('{"a": "x', 7, "no closing quote", None),
    ('{"a": "\\q"}', 8, "Invalid \\escape", None),
    ("{a: 1}", 2, "in double quotes is expected", None),
    ('{"a":1} x', 9, "Nothing may follow", None),
    ('{"a": 1', 8, "ends before a closing `}`", None),
    ("", 1, "A value is missing", None),
    ("[" * 200, 102, "nested deeper", None),
    ("7", 1, "an object with keys", None),
    ("[]", 1, "no automation in this list", None),
    ("x" * (MAX_TEXT + 1), 1, "characters", None),
    ("1" * 5000, 1, "too many digits", None),
]


@pytest.mark.parametrize(("text", "column", "message", "fix"), PROBLEMS)
def test_a_mistake_has_its_place_and_remedy(
    text: str, column: int, message: str, fix: str | None
) -> None:
    reading = automation_json.read(text)

    [diagnostic] = reading.diagnostics
    assert (diagnostic.line, diagnostic.column) == (1, column)
    assert message in diagnostic.message
    assert (diagnostic.fix.text if diagnostic.fix else None) == fix
    assert reading.document is None


def test_problems_stand_at_their_values_and_what_is_missing_at_what_it_is_missing_in() -> None:
    text = '{"name": "x", "trigger": {"type": "event", "within": -1},\n "actions": [{}]}'

    found = automation_json.read(text).diagnostics

    assert [(each.span, each.loc) for each in found] == [
        (TextSpan(1, 15, 1, 24), ("trigger", "posture")),
        (TextSpan(1, 54, 1, 56), ("trigger", "within")),
        (TextSpan(2, 14, 2, 16), ("actions", 0)),
    ]


def test_every_automation_of_an_answer_is_read() -> None:
    reading = automation_json.read('[{"name": "a", "id": "1"}, {"name": "b", "tags": 5}]')

    assert [each.label for each in reading.automations] == ["a", "b"]
    assert reading.automations[1].places.of(("tags",)) == TextSpan(1, 50, 1, 51)
    assert [str(loss) for loss in reading.losses] == ["`id` is left out: the server gives it."]


def test_a_key_written_twice_is_said() -> None:
    said = automation_json.read('{"name": "a", "name": "b"}').diagnostics

    assert any(each.code == "duplicate_key" for each in said)
