"""An automation as YAML: two-way, in the user's own text. It says everything."""

from collections.abc import Callable
from typing import Any

from triggers_app.codecs.checking import checked, without_server_made
from triggers_app.codecs.loss import Loss
from triggers_app.codecs.reading import (
    Diagnostic,
    Document,
    Found,
    Places,
    Reading,
    Span,
    Writing,
    refused,
    too_large,
)
from triggers_app.codecs.yaml_edit import edited
from triggers_app.codecs.yaml_match import same
from triggers_app.codecs.yaml_source import InvalidSource, Located, read_yaml
from triggers_app.codecs.yaml_text import Style, block
from triggers_app.codecs.yaml_tree import Untraceable, places, trace


def read(text: str) -> Reading:
    """One automation, or a list of them."""
    source = load(text)
    if isinstance(source, Reading):
        return source
    value, where = source
    listed = value if isinstance(value, list) else [value]
    found, losses = [], list[Loss]()
    for index, each in enumerate(listed):
        if not isinstance(each, dict):
            return refused("An automation is an object with keys.", code="dict_type")
        document, lost = without_server_made(each)
        name = document.get("name")
        part = where.below((index,)) if each is not value else where
        found.append(Found(document, part, label=name if isinstance(name, str) else ""))
        losses += lost
    if not found:
        return refused("There is no automation here.", code="nothing_found")
    return checked(found, losses)


def write(document: Document) -> Writing:
    return Writing(written(document))


def apply_edit(text: str, old_document: Document, new_document: Document) -> str:
    """The text with what differs between the documents changed in it; it reads as the new one.

    Comments, anchors, quotes, flow style and the order of keys stay where they can. A text
    that is not readable, or not of the old document, is taken as it is: what counts is that
    the outcome reads as the new document.
    """
    source = load(text)
    if isinstance(source, Reading) or not isinstance(source[0], dict):
        return written(new_document)
    value = source[0]
    if same(value, new_document):
        return text
    # Server-made keys of a pasted answer are not in the document; they stay in the text.
    left = {key: value[key] for key in without_server_made_keys(value) if key not in new_document}
    return rewritten(text, value, {**left, **new_document})


def without_server_made_keys(value: dict[str, Any]) -> list[str]:
    kept, _ = without_server_made(value)
    return [key for key in value if key not in kept]


def rewritten(text: str, old: Any, new: Any) -> str:
    """The text changed so that it reads as `new`; all of it, where nothing less would do."""
    outcome = in_place(text, old, new, lambda value: value)
    return outcome if outcome is not None else _opening_comment(text) + written(new)


def in_place(text: str, old: Any, new: Any, meaning: Callable[[Any], Any]) -> str | None:
    """The text changed so that the meaning of its values is `new` instead of `old`; or None."""
    outcome = edited(text, old, new)
    source = refused("") if outcome is None else load(outcome)
    said = not isinstance(source, Reading) and same(meaning(source[0]), new)
    return outcome if said else None


def written(value: Any) -> str:
    if not value:
        return "[]\n" if isinstance(value, list) else "{}\n"
    return "\n".join(block(value, Style())) + "\n"


def load(text: str) -> tuple[Any, Places] | Reading:
    """The values of a YAML text and their places; or a reading that says what is wrong."""
    if large := too_large(text):
        return large
    text = text.removeprefix("\ufeff")
    try:
        value = read_yaml(text, name="").value
    except InvalidSource as error:
        return Reading(diagnostics=[_diagnostic(problem, text) for problem in error.problems])
    try:
        return value, places(text, trace(text))
    except (Untraceable, StopIteration, RecursionError):
        return value, Places()


def _diagnostic(problem: Located, text: str) -> Diagnostic:
    lines = text.split("\n")
    line = min(problem.line or 1, len(lines))
    content = lines[line - 1]
    column = problem.column or len(content) - len(content.lstrip()) + 1
    end = max(column + 1, len(content.rstrip()) + 1)
    return Diagnostic(Span(line, column, line, end), "syntax", problem.problem.msg)


def _opening_comment(text: str) -> str:
    kept = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept).strip("\n") + "\n" if any(kept) else ""
