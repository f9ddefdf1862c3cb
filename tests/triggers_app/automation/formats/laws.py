"""How documents are compared that went through a format, and how much Hypothesis tries."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from hypothesis import settings

from project.lib.json_documents import Document
from project.lib.problems import Loc
from triggers_app.automation.formats.checking import NO_ID, canonical
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.reading import ParsedAutomation, Reading
from triggers_app.automation.formats.yaml.match import same

tried = settings(max_examples=50)
_NOTHING: Any = object()


def only_lost(reading: Reading, document: Document, losses: Iterable[Loss]) -> bool:
    """Whether what was read is the document, but for what the losses name."""
    [found] = reading.automations
    read, wanted = canonical(settled(found)), canonical(document)
    for loss in sorted(losses, key=lambda loss: str(loss.loc), reverse=True):
        if loss.loc:
            _remove(read, loss.loc)
            _remove(wanted, loss.loc)
    return same(_without_marks(read), _without_marks(wanted))


def settled(found: ParsedAutomation) -> Document:
    """With an id for what the text does not name by id, so that it is an automation."""
    document = deepcopy(found.document)
    for reference in found.references:
        owner: Any = document
        for part in reference.loc[:-1]:
            owner = owner[part]
        owner.setdefault(reference.loc[-1], NO_ID)
    return document


def _remove(value: Any, loc: Loc) -> None:
    for part in loc[:-1]:
        try:
            value = value[part]
        except (LookupError, TypeError):
            return
    if isinstance(value, dict):
        value.pop(loc[-1], None)
    elif isinstance(value, list) and isinstance(loc[-1], int) and loc[-1] < len(value):
        value[loc[-1]] = _NOTHING  # the others keep their numbers


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_marks(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_marks(each) for each in value if each is not _NOTHING]
    return value
