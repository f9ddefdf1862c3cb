"""What lint says about a document, and the edits that would settle it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from project.lib.problems import Loc

Severity = Literal["error", "warning"]

# Errors that a person may enable all the same, after being asked.
CONFIRMED = frozenset({"L04", "L05", "L12"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change at a path of the document (JSON values).

    `set` writes a key, or a member of a list that exists; `append` adds to a list, making
    it where there is none; `remove` takes a key or a member away.
    """

    do: Literal["set", "append", "remove"]
    path: Loc
    value: Any = None

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in self.path)


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that settles a finding with one click. `title` says what it does."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """`loc` is the path in the document; `message` a sentence with the remedy.

    `refused`: no confirmation helps, because the API refuses it too, or nothing guards it.
    `confirm`: a warning that a person has to confirm.
    """

    code: str
    severity: Severity
    loc: Loc
    message: str
    fix: Fix | None = None
    refused: bool = False
    confirm: bool = False

    @property
    def asks_confirmation(self) -> bool:
        """The workbench enables only after a person has confirmed it."""
        known = self.severity == "error" and self.code in CONFIRMED and not self.refused
        return known or self.confirm

    @property
    def stops_enabling(self) -> bool:
        """The workbench does not enable, whatever the API does."""
        return self.severity == "error" and not self.asks_confirmation


def error(code: str, loc: Loc, message: str, fix: Fix | None = None) -> Finding:
    return Finding(code, "error", loc, message, fix)


def warning(code: str, loc: Loc, message: str, fix: Fix | None = None) -> Finding:
    return Finding(code, "warning", loc, message, fix)


def setting(title: str, path: Loc, value: Any) -> Fix:
    return Fix(title, (Edit("set", path, value),))


def removing(title: str, path: Loc) -> Fix:
    return Fix(title, (Edit("remove", path),))


def apply_fix(document: Mapping[str, Any], fix: Fix) -> dict[str, Any]:
    """A copy of the document with the edits; keys nobody knows stay.

    Raises LookupError when the document no longer has the place that an edit names.
    """
    edited: Any = document
    for edit in fix.edits:
        edited = _edited(edited, edit.path, edit)
    return dict(edited)


def _edited(value: Any, path: Sequence[str | int], edit: Edit) -> Any:
    if not path:
        return _appended(value, edit)
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        return _in_list(value, step, rest, edit)
    if (value is None or isinstance(value, Mapping)) and isinstance(step, str):
        return _in_object(value or {}, step, rest, edit)
    raise LookupError(f"The document has no {step!r} here: {edit.pointer}")


def _appended(value: Any, edit: Edit) -> list[Any]:
    # A map in the place of a list is `match_related` in its short form; {} says nothing.
    members = [value] if isinstance(value, Mapping) and value else value or []
    if not isinstance(members, list):
        raise LookupError(f"There is no list to add to: {edit.pointer}")
    return [*members, edit.value]


def _in_list(value: list[Any], step: int, rest: Sequence[str | int], edit: Edit) -> list[Any]:
    if not 0 <= step < len(value):
        raise LookupError(f"The list has no member {step}: {edit.pointer}")
    if rest or edit.do == "append":
        return [*value[:step], _edited(value[step], rest, edit), *value[step + 1 :]]
    kept = [edit.value] if edit.do == "set" else []
    return [*value[:step], *kept, *value[step + 1 :]]


def _in_object(
    value: Mapping[str, Any], step: str, rest: Sequence[str | int], edit: Edit
) -> dict[str, Any]:
    if rest or edit.do == "append":
        return {**value, step: _edited(value.get(step), rest, edit)}
    if edit.do == "set":
        return {**value, step: edit.value}
    if step not in value:
        raise LookupError(f"The document has no {step!r}: {edit.pointer}")
    return {key: child for key, child in value.items() if key != step}
