"""What to say about each value of an action: what it renders to, whether it fits, what would help.

Pure: the trying is done by `rendering`. A help is only offered when a trial has shown that it
helps.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from project.lib.problems import Problem
from triggers_app.automation.templating.parameters import UNSEEN
from triggers_app.automation.templating.templates import is_template
from triggers_app.builder.parameters.dry_run import Attempt, Message
from triggers_app.builder.parameters.rows import ABSENT, Mode, ParameterRow, json_text, read

State = Literal[
    "fine", "wrong", "missing", "undefined", "broken", "unset", "open", "renders", "unknown"
]
UNSEEN_EVENT = "No event that matches was seen yet, so this is not known."
MAX_VALUE_CHARACTERS = 2_000
# The engine's words; a test renders with the engine to keep them the same.
_MISSING = re.compile(r"`([^`]+)` does not exist")
_NEAREST = re.compile(r"the nearest name is `([^`]+)`")
_THERE = re.compile(r"there is (.+)\.$")
_LONE = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)
_QUOTED = re.compile(r"^`.*`: ", re.DOTALL)
_FILTERS = {"integer": ("int",), "number": ("float",), "string": ("string",)}
_TYPE_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (int, "whole number"),
    (float, "number"),
    (str, "text"),
    (list, "list"),
    (dict, "object"),
    (type(None), "null"),
)


@dataclass(frozen=True, slots=True)
class Help:
    """One click that settles it: the row is given this mode and text."""

    label: str
    mode: Mode
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """`value` is the rendered one as text, `type` in a word; both empty where there is none.

    `open`: there is nothing to check it against; `unknown`: it depends on an event, and none
    was seen yet.
    """

    state: State
    value: str = ""
    type: str = ""
    sentence: str = ""
    note: str = ""
    helps: tuple[Help, ...] = ()

    @property
    def bad(self) -> bool:
        return self.state in ("wrong", "missing", "undefined", "broken")


Trial = Callable[[str], Check]


def type_word(value: Any) -> str:
    return next(word for kind, word in _TYPE_WORDS if isinstance(value, kind))


def value_text(value: Any) -> str:
    """A value for people: JSON, so that the text "5" and the number 5 differ."""
    text = json_text(value)
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[:MAX_VALUE_CHARACTERS] + "…"


def check_row(
    row: ParameterRow, attempt: Attempt, *, has_schema: bool, assumed: bool = False
) -> Check:
    """What is to be said about one parameter. `assumed`: the event was made up."""
    broken = [p for p in attempt.rendered.problems if p.loc and p.loc[0] == row.name]
    if assumed and broken and all(problem.type == UNSEEN for problem in broken):
        return Check("unknown", sentence=UNSEEN_EVENT)
    if broken:
        missing = all(_is_missing(problem.msg) for problem in broken)
        sentence = " ".join(problem_sentence(problem) for problem in broken)
        return Check("undefined" if missing else "broken", sentence=sentence)
    problems = [p for p in attempt.problems if _is_about(p, row.name)]
    if row.mode == "unset":
        return _unset(row, attempt, problems)
    value = attempt.rendered.values.get(row.name, ABSENT)
    if value is ABSENT:
        return Check("open", sentence="It renders to nothing, so it is left out.")
    text, word = value_text(value), type_word(value)
    if problems and assumed and "event" in row.text and is_template(row.text):
        return Check("unknown", text, word, sentence=UNSEEN_EVENT)
    if problems:
        sentence = " ".join(problem_sentence(problem) for problem in problems)
        return Check("wrong", text, word, sentence + _hint(row))
    if not has_schema:
        return Check("open", text, word)
    return Check("fine", text, word, note=_converted(value, attempt.fitted.get(row.name, value)))


def _is_about(problem: Problem, name: str) -> bool:
    """Also that no such parameter may be given, which the schema says of all together."""
    if problem.loc:
        return problem.loc[0] == name
    return problem.type == "additionalProperties" and repr(name) in problem.msg


def check_text(row: ParameterRow, message: Message, *, assumed: bool = False) -> Check:
    """What is to be said about a text of a notification or a webhook."""
    broken = [p for p in message.problems if p.loc and p.loc[0] == row.name]
    if assumed and broken and all(problem.type == UNSEEN for problem in broken):
        return Check("unknown", sentence=UNSEEN_EVENT)
    if broken:
        missing = all(_is_missing(problem.msg) for problem in broken)
        sentence = " ".join(problem_sentence(problem) for problem in broken)
        return Check("undefined" if missing else "broken", sentence=sentence)
    text = message.texts.get(row.name)
    if row.mode == "unset":
        return Check("unset", text or "", note="as usual" if text else "")
    if text is None:
        return Check("open", sentence="Another text cannot be rendered, so nothing is sent.")
    return Check("renders", text)


def _unset(row: ParameterRow, attempt: Attempt, problems: list[Problem]) -> Check:
    if problems:
        sentence = " ".join(problem_sentence(problem) for problem in problems)
        return Check(
            "wrong", sentence=f"What {row.default_of or 'nobody'} gives does not fit: {sentence}"
        )
    if row.required and any(problem.type == "required" for problem in attempt.problems):
        return Check("missing", sentence="It is required, and nothing gives it a value.")
    if row.name in attempt.fitted:
        value = attempt.fitted[row.name]
        return Check("unset", value_text(value), type_word(value), note="from the deployment")
    return Check("unset", row.default, note=f"from {row.default_of}" if row.default else "")


def _is_missing(message: str) -> bool:
    return "does not exist" in message or "has no value" in message


def problem_sentence(problem: Problem) -> str:
    """The sentence, with the place within the value; the template itself is on the page."""
    sentence = _QUOTED.sub("", problem.msg)
    inner = Problem(problem.loc[1:], "").path
    sentence = f"{inner}: {sentence}" if inner and inner != "template" else sentence
    return sentence if sentence.endswith((".", "?")) else f"{sentence}."


def _hint(row: ParameterRow) -> str:
    """Why a text that was meant as JSON is a text."""
    starts = row.text.lstrip()[:1]
    if row.mode != "literal" or row.kind != "json" or starts not in ("[", "{"):
        return ""
    try:
        json.loads(row.text)
    except ValueError as error:
        return f" It was taken as text, as it is not JSON: {error}."
    return ""


def _converted(value: Any, fitted: Any) -> str:
    if json_text(value) == json_text(fitted):
        return ""
    if type(value) is type(fitted):
        return f"It becomes {value_text(fitted)}, as the schema allows it."
    return (
        f"The {type_word(value)} becomes the {type_word(fitted)} {value_text(fitted)}, "
        "as the schema allows it."
    )


def candidates(
    row: ParameterRow, check: Check, value: Any, property_schema: Mapping[str, Any]
) -> Iterator[Help]:
    """What might help; each is to be tried before it is offered. `value` is the rendered one."""
    if check.state == "undefined":
        yield from _other_names(row, check.sentence)
    elif check.state == "wrong" or check.note:
        yield from _typed(row, value, property_schema)


def _other_names(row: ParameterRow, sentence: str) -> Iterator[Help]:
    missing, nearest = _MISSING.search(sentence), _NEAREST.search(sentence)
    if missing is None:
        return
    there = _THERE.search(sentence)
    names = [nearest[1]] if nearest else re.findall(r"`([^`]+)`", there[1])[:3] if there else []
    word = re.compile(rf"(?<![\w-]){re.escape(missing[1])}(?![\w-])")
    if len(word.findall(row.text)) != 1:
        return
    for name in names:
        if name.isidentifier():
            yield Help(f"use {name}", row.mode, word.sub(name, row.text))


def _typed(row: ParameterRow, value: Any, property_schema: Mapping[str, Any]) -> Iterator[Help]:
    kind = property_schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []
    lone = _LONE.fullmatch(row.text) if row.mode in ("template", "jinja") else None
    if lone is not None:
        expression = lone[1].strip()
        for each in kinds:
            for name in _FILTERS.get(each, ()):
                if name == "string" or _spells_number(value):
                    filtered = f"{{{{ {expression} | {name} }}}}"
                    yield Help(f"make it typed: | {name}", "template", filtered)
            if each == "array" and not isinstance(value, list):
                yield Help("make it a list", "template", f"{{{{ [{expression}] }}}}")
    elif row.mode in ("literal", "json") and not (isinstance(value, str) and is_template(value)):
        yield from _typed_literal(row, value, kinds)


def _typed_literal(row: ParameterRow, value: Any, kinds: list[str]) -> Iterator[Help]:
    if "string" in kinds and not isinstance(value, str):
        yield Help("make it text", "literal", json.dumps(value, ensure_ascii=False))
    if (
        isinstance(value, str)
        and value.strip() != row.text
        and set(kinds) & {"integer", "number", "boolean"}
    ):
        yield Help(f"make it typed: {value.strip()}", "literal", value.strip().lower())


def _spells_number(value: Any) -> bool:
    """`| int` makes 0 of what is no number, which helps nobody."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        float(value)
    except (ValueError, OverflowError):
        return False
    return True


def value_of(row: ParameterRow, helping: Help) -> Any:
    """The value that the row would have. Raises NotJson."""
    return read(helping.mode, helping.text, row.kind)
