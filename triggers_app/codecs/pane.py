"""A draft's document as the text of a pane, and back: without ids, and with them again."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from triggers_app.codecs import (
    automation_json,
    automation_yaml,
    curl_command,
    deployment_block,
    python_writer,
    terraform_writer,
)
from triggers_app.codecs.checking import without_ids
from triggers_app.codecs.detect import Format
from triggers_app.codecs.reading import (
    Diagnostic,
    Document,
    Reading,
    Writing,
    in_order,
)
from triggers_app.domain.drafting.recognizing import recognized

TWO_WAY = (Format.YAML, Format.JSON, Format.PREFECT_YAML)
_WRITERS: dict[Format, Callable[[Document], Writing]] = {
    Format.YAML: automation_yaml.write,
    Format.JSON: automation_json.write,
    Format.PREFECT_YAML: deployment_block.write,
    Format.HCL: terraform_writer.write,
    Format.PYTHON: python_writer.write,
    Format.CURL: curl_command.write,
}
# A draft could not be stored with these: such a text has no document.
NO_DOCUMENT = {"bad_text", "too_deep", "finite_number"}


@dataclass(frozen=True, slots=True)
class PaneReading:
    """`document` is None where the text has none; then a diagnostic says why."""

    document: Document | None
    diagnostics: list[Diagnostic]


def plain(document: Document) -> Document:
    """The document as panes show it: ids of triggers are the server's."""
    shown = deepcopy(document)
    without_ids(shown.get("trigger"))
    return shown


def written(format: Format, document: Document) -> Writing:
    return _WRITERS[format](plain(document))


def read(format: Format, text: str, *, base: Document, fresh: Callable[[], str]) -> PaneReading:
    """The document of a pane's text; nodes that are those of `base` have their ids.

    `base` is the document that the pane showed: a block keeps what it cannot say.
    """
    reading = _reading(format, text, base)
    diagnostics = list(reading.diagnostics)
    if len(reading.found) > 1:
        diagnostics.append(_several(reading))
    refused = any(each.code in NO_DOCUMENT for each in diagnostics)
    if len(reading.found) != 1 or refused:
        return PaneReading(None, in_order(diagnostics))
    document = dict(reading.found[0].document)
    if "trigger" in document:
        document["trigger"] = recognized(document["trigger"], base.get("trigger"), fresh)
    return PaneReading(document, in_order(diagnostics))


def _reading(format: Format, text: str, base: Document) -> Reading:
    if format is Format.PREFECT_YAML:
        return deployment_block.read(text, base=plain(base))
    return automation_json.read(text) if format is Format.JSON else automation_yaml.read(text)


def _several(reading: Reading) -> Diagnostic:
    message = f"A draft is one automation; this text has {len(reading.found)}. Leave one of them."
    return Diagnostic(reading.found[1].places.of(()), "several", message)
