"""How each value of a node or an action stands in a form: shown as text, read from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, get_args
from uuid import UUID

from triggers_app.automation.actions import ACTION_KINDS, ACTIONS
from triggers_app.automation.actions.base import Source
from triggers_app.automation.blocks import METHODS
from triggers_app.automation.editing import typed
from triggers_app.automation.triggers import Operator, Posture
from triggers_app.automation.unknown_values import is_unknown, text_of

MISSING: Any = object()  # no such key in the document
Path = tuple[str, ...]


def text_in_form(form: "Form", value: Any) -> str:
    """The text for an input; of what is not known, how it is written where it came from."""
    return typed.line_of(text_of(value)) if is_unknown(value) else form.show(value)


class Form(Protocol):
    def show(self, value: Any) -> str:
        """The text for an input; `value` is MISSING where the key is."""

    def read(self, text: str, old: Any) -> Any:
        """The value for the document, MISSING to leave the key out.

        `old` is what stood there. Raises ValueError with a sentence.
        """


@dataclass(frozen=True, slots=True)
class LineInput:
    """A text of one line; `lines` for a longer one. Where `optional`, nothing typed is null."""

    optional: bool = False
    lines: bool = False

    def show(self, value: Any) -> str:
        if value is MISSING or (value is None and self.optional):
            return ""
        if value == "" and self.optional:
            return r"\x00"
        if isinstance(value, str):
            return typed.text_of(value) if self.lines else typed.line_of(value)
        return typed.raw(value)

    def read(self, text: str, old: Any) -> Any:
        if text or not self.optional:
            return typed.read_text(text)
        return MISSING if old is MISSING else None


@dataclass(frozen=True, slots=True)
class LinesInput:
    """A list of texts, one in a line."""

    def show(self, value: Any) -> str:
        if value is MISSING:
            return ""
        whole = isinstance(value, list) and all(isinstance(i, str) or is_unknown(i) for i in value)
        if not whole:
            return typed.raw(value)
        return typed.lines_of([text_of(item) if is_unknown(item) else item for item in value])

    def read(self, text: str, old: Any) -> Any:
        # A line that shows what is not known still does.
        left = [item for item in (old if isinstance(old, list) else [old]) if is_unknown(item)]
        unknown = {text_of(item): item for item in left}
        return [unknown.get(line, line) for line in typed.read_lines(text)]


@dataclass(frozen=True, slots=True)
class LabelValues:
    """A text or a list of texts; which of them it is stays while there is one."""

    def show(self, value: Any) -> str:
        return LinesInput().show([value] if isinstance(value, str) or is_unknown(value) else value)

    def read(self, text: str, old: Any) -> Any:
        values = LinesInput().read(text, old)
        return values[0] if len(values) == 1 and not isinstance(old, list) else values


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; nothing typed is what a missing key stands for."""

    default: int | None = None

    def show(self, value: Any) -> str:
        if value is MISSING or value is None:
            return "" if self.default is None else str(self.default)
        return typed.number_of(value)

    def read(self, text: str, old: Any) -> Any:
        return typed.read_whole(text) if text.strip() else MISSING


@dataclass(frozen=True, slots=True)
class Number:
    def show(self, value: Any) -> str:
        return "" if value is MISSING else typed.number_of(value)

    def read(self, text: str, old: Any) -> Any:
        return typed.read_number(text)


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds in human words. Nothing typed is `none`; a missing key is shown as `default`."""

    none: Any = MISSING
    default: int | None = None

    def show(self, value: Any) -> str:
        if value is MISSING or value is None:
            return "" if self.default is None else typed.duration_of(self.default)
        is_none = not isinstance(value, bool) and self.none == value
        return "" if is_none else typed.duration_of(value)

    def read(self, text: str, old: Any) -> Any:
        if not text.strip():
            return MISSING if old is MISSING and self.none == 0 else self.none
        return typed.read_duration(text)


@dataclass(frozen=True, slots=True)
class ChoiceInput:
    """One of a few words; nothing typed leaves the key out, where it may."""

    options: tuple[str, ...]
    default: str = ""
    optional: bool = False

    def show(self, value: Any) -> str:
        if value is MISSING or (value is None and self.optional):
            return self.default
        return typed.raw(value)

    def read(self, text: str, old: Any) -> Any:
        if text in self.options:
            return text
        if self.optional and not text:
            return MISSING
        raise ValueError(f"Choose one of {', '.join(self.options)}.")


@dataclass(frozen=True, slots=True)
class Required:
    """How many parts of a compound must happen: any, all, or a number."""

    def show(self, value: Any) -> str:
        return "" if value is MISSING else typed.raw(value)

    def read(self, text: str, old: Any) -> Any:
        word = text.strip().lower()
        if word in ("any", "all"):
            return word
        try:
            return typed.read_whole(word)
        except ValueError:
            raise ValueError("Write any, all, or how many of the parts must happen.") from None


@dataclass(frozen=True, slots=True)
class Flag:
    """A checkbox; its form posts a hidden `false` before it."""

    def show(self, value: Any) -> str:
        return "false" if value is MISSING or value is False else typed.raw(value)

    def read(self, text: str, old: Any) -> Any:
        return text.strip().lower() in ("true", "on", "yes", "1")


@dataclass(frozen=True, slots=True)
class Headers:
    """Names and values of a request, `Name: value` in a line."""

    def show(self, value: Any) -> str:
        if value is MISSING or value is None:
            return ""
        if not isinstance(value, dict) or not all(
            isinstance(text, str) and ":" not in name for name, text in value.items()
        ):
            return typed.raw(value)
        return "\n".join(f"{typed.line_of(n)}: {typed.line_of(text)}" for n, text in value.items())

    def read(self, text: str, old: Any) -> Any:
        headers = {}
        for line in text.split("\n"):
            name, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not colon:
                raise ValueError("Write each header as `Name: value`, one in a line.")
            headers[typed.read_text(name.strip())] = typed.read_text(value.strip(" "))
        return headers or MISSING


Table = Mapping[str, tuple[Path, Form]]


def _table(**forms: Form) -> Table:
    return {
        name.replace("__", "."): (tuple(name.split("__")), form) for name, form in forms.items()
    }


TOP: Table = {
    "name": (("name",), LineInput()),
    "description": (("description",), LineInput(lines=True)),
    "tags": (("tags",), LinesInput()),
    "max_actions_per_minute": (("flint", "max_actions_per_minute"), Whole()),
}
NODES: Mapping[str, Table] = {
    "event": _table(
        posture=ChoiceInput((Posture.REACTIVE.value, Posture.PROACTIVE.value)),
        expect=LinesInput(),
        after=LinesInput(),
        for_each=LinesInput(),
        threshold=Whole(1),
        within=Duration(none=0),
    ),
    "compound": _table(require=Required(), within=Duration(none=None), for_each=LinesInput()),
    "sequence": _table(within=Duration(none=None), for_each=LinesInput()),
    "metric": _table(
        metric__name=LineInput(),
        metric__operator=ChoiceInput(tuple(operator.value for operator in Operator)),
        metric__threshold=Number(),
        metric__range=Duration(default=300),
        metric__firing_for=Duration(default=300),
    ),
}
# What the type of a field does not tell of its form.
_OWN: Mapping[str, Table] = {
    "call-webhook": _table(
        url=LineInput(optional=True), method=ChoiceInput(METHODS, optional=True), headers=Headers()
    ),
}
TYPE: Table = _table(type=ChoiceInput(ACTION_KINDS))


def of_action(kind: str) -> Table:
    """The fields of an action of this type; only the type where nobody knows it.

    Texts and parameters, which are templates, have a form of their own.
    """
    return _ACTIONS.get(kind, TYPE)


def _action_table(kind: str) -> Table:
    model = ACTIONS[kind]
    plain = {name: field for name, field in model.model_fields.items() if name not in model.texts}
    forms = {
        name: _form_of(field.annotation, lines=name in model.lines)
        for name, field in plain.items()
        if name != "type"
    }
    kept = {name: form for name, form in forms.items() if form is not None}
    return {**TYPE, **_table(**kept), **_OWN.get(kind, {})}


def _form_of(annotation: Any, *, lines: bool) -> Form | None:
    """None for what is no plain value."""
    if annotation == Source:
        return ChoiceInput(get_args(Source), default="selected")
    types = [one for one in get_args(annotation) or (annotation,) if one is not type(None)]
    kind = types[0] if len(types) == 1 else None
    if kind is bool:
        return Flag()
    if kind is timedelta:
        return Duration(none=0)
    if kind in (str, UUID):
        return LineInput(optional=True, lines=lines)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ChoiceInput(tuple(one.value for one in kind))
    return None


_ACTIONS = {kind: _action_table(kind) for kind in ACTION_KINDS}
