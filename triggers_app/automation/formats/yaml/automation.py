"""An automation as YAML: two-way, in the user's own text. It says everything."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.formats.automation_list import (
    automations_in,
    list_of_automations_problem,
)
from triggers_app.automation.formats.checking import checked, without_server_made
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.reading import (
    MAX_VALUES,
    Diagnostic,
    ParsedAutomation,
    Places,
    Reading,
    TextSpan,
    Writing,
    refused,
    too_large,
)
from triggers_app.automation.formats.yaml.edit import edited
from triggers_app.automation.formats.yaml.match import same
from triggers_app.automation.formats.yaml.source import InvalidSource, Located, read_yaml
from triggers_app.automation.formats.yaml.text import Style, block
from triggers_app.automation.formats.yaml.tree import Untraceable, YamlNode, places, trace
from triggers_app.automation.unknown_values import name_of


def read(text: str) -> Reading:
    """One automation, a list of them, or Prefect's file with `automations:`."""
    source = load(text)
    if isinstance(source, Reading):
        return source
    return of_values(source.value, source.places())


def of_values(value: Any, places: Places, said: list[Diagnostic] | None = None) -> Reading:
    """The automations of a text that was read: Prefect's own file, a list, or one."""
    wrong = list_of_automations_problem(value)
    if wrong is not None:
        return refused(wrong.msg, code=wrong.type, span=places.of(wrong.loc))
    listed = list(automations_in(value))
    parts = places.split(loc for loc, _ in listed)
    automations, losses = [], list[Loss]()
    for loc, each in listed:
        if not isinstance(each, dict):
            return refused("An automation is an object with keys.", code="dict_type")
        document, lost = without_server_made(each)
        automations.append(ParsedAutomation(document, parts[loc], label=name_of(document)))
        losses += lost
    if not automations:
        where = "in this list" if value == [] else "here"
        return refused(f"There is no automation {where}.", code="nothing_found")
    return checked(automations, losses, said)


def write(document: Document) -> Writing:
    return Writing(written(document))


def apply_edit(text: "str | Loaded", old_document: Document, new_document: Document) -> str:
    """The text with what differs between the documents changed in it; it reads as the new one.

    Comments, anchors, quotes, flow style and the order of keys stay where they can. A text
    that is not readable, or not of the old document, is taken as it is: what counts is that
    the outcome reads as the new document.
    """
    source = load(text) if isinstance(text, str) else text
    if isinstance(source, Reading) or not isinstance(source.value, dict):
        return written(new_document)
    value = source.value
    if same(value, new_document):
        return source.text
    # Server-made keys of a pasted answer are not in the document; they stay in the text.
    left = {key: value[key] for key in without_server_made_keys(value) if key not in new_document}
    return rewritten(source, value, {**left, **new_document})


def without_server_made_keys(value: dict[str, Any]) -> list[str]:
    kept, _ = without_server_made(value)
    return [key for key in value if key not in kept]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A YAML text that can be read. `root` is None where its characters cannot be followed."""

    text: str
    value: Any
    root: YamlNode | None

    def places(self) -> Places:
        return Places() if self.root is None else places(self.text, self.root)


def rewritten(source: Loaded, old: Any, new: Any) -> str:
    """The text changed so that it reads as `new`; all of it, where nothing less would do."""
    outcome = in_place(source, old, new, lambda value: value)
    return outcome if outcome is not None else _opening_comment(source.text) + written(new)


def in_place(source: Loaded, old: Any, new: Any, meaning: Callable[[Any], Any]) -> str | None:
    """The text changed so that the meaning of its values is `new` instead of `old`; or None."""
    outcome = None if source.root is None else edited(source.text, source.root, old, new)
    read = refused("") if outcome is None else load(outcome)
    said = isinstance(read, Loaded) and same(meaning(read.value), new)
    return outcome if said else None


def written(value: Any) -> str:
    if not value:
        return "[]\n" if isinstance(value, list) else "{}\n"
    return "\n".join(block(value, Style())) + "\n"


def load(text: str) -> Loaded | Reading:
    """The values of a YAML text; or a reading that says what is wrong."""
    if large := too_large(text):
        return large
    text = text.removeprefix("\ufeff")
    try:
        source = read_yaml(text, name="", most=MAX_VALUES)
    except InvalidSource as error:
        return Reading(diagnostics=[_diagnostic(problem, text) for problem in error.problems])
    try:
        return Loaded(text, source.value, trace(text, source.events))
    except (Untraceable, StopIteration, RecursionError):
        return Loaded(text, source.value, None)


def _diagnostic(problem: Located, text: str) -> Diagnostic:
    lines = text.split("\n")
    line = min(problem.line or 1, len(lines))
    content = lines[line - 1]
    column = problem.column or len(content) - len(content.lstrip()) + 1
    end = max(column + 1, len(content.rstrip()) + 1)
    return Diagnostic(TextSpan(line, column, line, end), "syntax", problem.problem.msg)


def _opening_comment(text: str) -> str:
    kept = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            break
        kept.append(line)
    return "\n".join(kept).strip("\n") + "\n" if any(kept) else ""
