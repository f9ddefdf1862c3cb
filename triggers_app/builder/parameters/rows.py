"""The values of an action as rows of a form, and back. Pure.

A row says how its text is to be read, so that nothing changes that nobody touched:
1. `unset`: the name is not there.
2. `template`: text that the engine renders; its type is the expression's.
3. `jinja`: an object `{"__prefect_kind": "jinja", "template": …}`, which always renders to text.
4. `literal`: where the schema wants text, the text itself; elsewhere the value that it spells as
   JSON, and text where it spells none (so `many` for a number stays, to be found wrong).
5. `json`: a value that is no text where the schema wants text.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from project.lib.json_documents import Document
from project.lib.line_ends import newlines
from runs_app.domain.parameter_kinds import (
    Kind,
    description_of,
    kind_of,
    limits_of,
    plain,
    position_of,
    resolved,
)
from triggers_app.automation.editing.typed import read_text, text_of
from triggers_app.automation.templating.parameters import KIND
from triggers_app.automation.templating.templates import is_template

Mode = Literal["unset", "literal", "template", "jinja", "json"]
MODES: tuple[Mode, ...] = ("unset", "literal", "template", "jinja", "json")
TEXT_KINDS: frozenset[str] = frozenset(("text", "long", "date"))
CHOICE_KINDS: frozenset[str] = frozenset(("boolean", "enum"))
# Before the JSON of a value that is chosen from a list.
CHOSEN = "is:"


# A browser's highlighting does the same; what is not closed goes on to the end.
_EXPRESSION = re.compile(r"(\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$))", re.DOTALL)


def pieces(text: str) -> list[tuple[bool, str]]:
    """A template's text in pieces: whether it is an expression, and what stands there."""
    parts = enumerate(_EXPRESSION.split(text))
    return [(number % 2 == 1, part) for number, part in parts if part]


class AbsentValue:
    """In the place of a value that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = AbsentValue()


class NotJson(ValueError):
    """Text that should be JSON; the message says where it is not. Line and column begin at 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One value. `default` is what holds while it is unset, as JSON or text; "" for nothing.

    `options` are (JSON, word) of what may be chosen; `known` when the schema describes it.
    """

    name: str
    kind: Kind
    mode: Mode
    text: str
    expected: str = ""
    help: str = ""
    required: bool = False
    known: bool = True
    default: str = ""
    default_of: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def pieces(self) -> list[tuple[bool, str]]:
        return pieces(self.text)

    @property
    def choice(self) -> str:
        """What stands in its list of ways to give a value."""
        chosen = self.mode == "literal" and self.kind in CHOICE_KINDS
        return CHOSEN + self.text if chosen else self.mode

    @property
    def written(self) -> bool:
        """Whether it has a field to write in; a value that is chosen has none."""
        return self.kind not in CHOICE_KINDS or self.mode in ("template", "jinja", "json")


def mode_and_text(value: Any, kind: Kind) -> tuple[Mode, str]:
    """How a value stands in its row; `read` gives the same value back."""
    if value is ABSENT:
        return "unset", ""
    if isinstance(value, str):
        if is_template(value):
            return "template", text_of(value)
        return "literal", text_of(value) if _says_itself(value, kind) else json_text(value)
    if isinstance(value, dict) and set(value) == {KIND, "template"} and _always_text(value):
        return "jinja", text_of(value["template"])
    return "json" if kind in TEXT_KINDS else "literal", json_text(value)


def _says_itself(text: str, kind: Kind) -> bool:
    """Whether a text may stand unquoted, and is still read as that text."""
    return kind in TEXT_KINDS or (kind not in CHOICE_KINDS and not _is_json(text))


def _always_text(value: Mapping[str, Any]) -> bool:
    return value[KIND] == "jinja" and isinstance(value["template"], str)


def read(mode: Mode, text: str, kind: Kind) -> Any:
    """The value of a row; ABSENT for none. Raises NotJson, only where the mode is `json`."""
    match mode:
        case "unset":
            return ABSENT
        case "template":
            return read_text(text)
        case "jinja":
            return {KIND: "jinja", "template": read_text(text)}
        case "json":
            return from_json(text)
    if kind in TEXT_KINDS or not _is_json(text):
        return read_text(text)
    return from_json(text)


def json_text(value: Any) -> str:
    indent = 2 if isinstance(value, dict | list) and value else None
    return json.dumps(value, ensure_ascii=False, indent=indent)


def from_json(text: str) -> Any:
    """Raises NotJson."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"at line {error.lineno}, column {error.colno}"
        raise NotJson(
            f"This is not JSON: {error.msg} {where}.", error.lineno, error.colno
        ) from None
    except (ValueError, RecursionError) as error:
        raise NotJson(f"This JSON cannot be read: {error}.") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a value of JSON")


def _is_json(text: str) -> bool:
    try:
        from_json(text)
    except NotJson:
        return False
    return True


def parameter_rows(
    parameters: Any, schema: Mapping[str, Any] | None, own: Mapping[str, Any]
) -> list[ParameterRow]:
    """Required ones first, then those that may be left out, then what the schema does not know.

    `own` are the deployment's values, which hold where the action sets none.
    """
    given: Mapping[str, Any] = parameters if isinstance(parameters, dict) else {}
    schema = schema or {}
    properties, required = _properties(schema)
    ordered = sorted(
        properties.items(), key=lambda item: (item[0] not in required, position_of(item[1]))
    )
    rows = [
        _known_row(name, part, schema, given.get(name, ABSENT), own, name in required)
        for name, part in ordered
    ]
    known = bool(properties)
    return rows + [
        _unknown_row(name, given[name], known) for name in given if name not in properties
    ]


def _properties(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], frozenset[str]]:
    properties, required = schema.get("properties"), schema.get("required")
    names = required if isinstance(required, list) else []
    by_name = properties if isinstance(properties, dict) else {}
    return by_name, frozenset(name for name in names if isinstance(name, str))


def _known_row(
    name: str,
    part: Any,
    schema: Mapping[str, Any],
    value: Any,
    own: Mapping[str, Any],
    required: bool,
) -> ParameterRow:
    given = part if isinstance(part, dict) else {}
    node, optional = resolved(given, schema)
    kind = kind_of(node)
    mode, text = mode_and_text(value, kind)
    default, default_of = _default(name, given, node, own)
    return ParameterRow(
        name=name,
        kind=kind,
        mode=mode,
        text=text,
        expected=_type(node, optional),
        help=_help(given, node),
        required=required and not default_of,
        default=default,
        default_of=default_of,
        options=_options(node, kind, mode, text),
    )


def _unknown_row(name: str, value: Any, described_elsewhere: bool) -> ParameterRow:
    mode, text = mode_and_text(value, "json")
    note = "The schema of the deployment does not know it." if described_elsewhere else ""
    return ParameterRow(name, "json", mode, text, known=False, help=note)


def _default(
    name: str, given: Mapping[str, Any], node: Mapping[str, Any], own: Mapping[str, Any]
) -> tuple[str, str]:
    if name in own:
        return plain(own[name]), "the deployment"
    for part in (given, node):
        if "default" in part:
            return plain(part["default"]), "the flow"
    return "", ""


def _type(node: Mapping[str, Any], optional: bool) -> str:
    """The type in the schema's own words, as short as possible."""
    if isinstance(node.get("enum"), list):
        words = "choice"
    else:
        kind = node.get("type")
        kinds = kind if isinstance(kind, list) else [kind]
        words = " or ".join(str(each) for each in kinds if each) or "any value"
    if words == "string" and isinstance(node.get("format"), str):
        words = node["format"]
    return f"{words} or null" if optional else words


def _help(given: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    """What it is for, then its limits; the type stands beside the name."""
    limits = [one for one in limits_of(node) if one != node.get("format")]
    parts = [description_of(given, node), ", ".join(limits).capitalize()]
    return " ".join(one if one.endswith(".") else f"{one}." for one in parts if one)


def _options(
    node: Mapping[str, Any], kind: Kind, mode: Mode, text: str
) -> tuple[tuple[str, str], ...]:
    if kind not in CHOICE_KINDS:
        return ()
    values = [True, False] if kind == "boolean" else node["enum"]
    options = {json_text(value): plain(value) for value in values}
    if mode == "literal":
        # What is no choice is kept, and found wrong.
        options.setdefault(text, text)
    return tuple(options.items())


def text_rows(
    action: Mapping[str, Any], names: Sequence[str], defaults: Document
) -> list[ParameterRow]:
    """The texts of a notification or a webhook."""
    rows = []
    for name in names:
        mode, text = mode_and_text(action.get(name, ABSENT), "long")
        default = defaults.get(name, "")
        rows.append(ParameterRow(name, "long", mode, text, expected="text", default=default))
    return rows


@dataclass(frozen=True, slots=True)
class Given:
    """What a form says about one row."""

    name: str
    choice: str
    text: str


def changes(
    rows: Sequence[ParameterRow], given: Mapping[str, Given]
) -> Iterator[tuple[ParameterRow, Mode, str]]:
    """The rows that were changed, with how and to what. Texts are compared as browsers send them.

    Text in a row that is unset sets it: who writes need not choose first.
    """
    for row in rows:
        now = given.get(newlines(row.name))
        if now is None:
            continue
        mode, text = _chosen(now)
        if mode == row.mode and newlines(text) == newlines(row.text):
            continue
        if mode == row.mode == "unset":
            mode = "template" if is_template(text) else "literal"
        elif not text and _awaits_text(row, mode):
            continue
        yield row, mode, newlines(text)


def _awaits_text(row: ParameterRow, mode: Mode) -> bool:
    """Whether this way was chosen before there is anything to give that way."""
    if mode in ("template", "jinja", "json"):
        return row.mode == "unset" or not row.written
    return mode == "literal" and row.mode == "unset" and row.kind not in TEXT_KINDS


def _chosen(given: Given) -> tuple[Mode, str]:
    if given.choice.startswith(CHOSEN):
        return "literal", given.choice.removeprefix(CHOSEN)
    chosen_mode: Mode = next((mode for mode in MODES if mode == given.choice), "literal")
    return chosen_mode, given.text


def with_value(container: Any, name: str, value: Any) -> Document:
    """A copy with the value, or without the name where it is ABSENT; order is kept."""
    known: Document = dict(container) if isinstance(container, dict) else {}
    if value is ABSENT:
        known.pop(name, None)
        return known
    return {**known, name: value}
