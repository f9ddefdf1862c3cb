"""Operations on the lists of actions: they change the document in place. Pure."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from project.lib.json_documents import Document
from triggers_app.automation.actions import ACTION_KINDS
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.editing import blanks
from triggers_app.automation.editing.refusing import EditRefused, number

Done = tuple[str, str | None]


def _listed(document: Document, name: str) -> list[Any]:
    if name not in ACTION_LISTS:
        raise EditRefused("There is no such list of actions.")
    if not isinstance(document.get(name), list):
        document[name] = []
    members: list[Any] = document[name]
    return members


def _at(document: Document, name: str, text: str) -> tuple[list[Any], int]:
    listed, index = _listed(document, name), number(text)
    if index >= len(listed):
        raise EditRefused("That action is not there any more.")
    return listed, index


def _add(document: Document, name: str, kind: str) -> Done:
    if kind not in ACTION_KINDS:
        raise EditRefused("There is no such kind of action.")
    listed = _listed(document, name)
    listed.append(blanks.action(kind))
    return "Added an action", f"action-{name}-{len(listed) - 1}"


def _drop(document: Document, name: str, text: str) -> Done:
    listed, index = _at(document, name, text)
    listed.pop(index)
    beside = f"action-{name}-{min(index, len(listed) - 1)}" if listed else None
    return "Took an action away", beside


def _move(by: int) -> Callable[[Document, str, str], Done]:
    def move(document: Document, name: str, text: str) -> Done:
        listed, index = _at(document, name, text)
        to = index + by
        if not 0 <= to < len(listed):
            raise EditRefused(f"It is the {'first' if by < 0 else 'last'} one already.")
        listed.insert(to, listed.pop(index))
        return f"Moved an action {'up' if by < 0 else 'down'}", f"action-{name}-{to}"

    return move


def place(document: Document, name: str, text: str, to: str) -> Done:
    """To this place among the others, where somebody dropped it."""
    listed, index = _at(document, name, text)
    at = min(number(to), len(listed) - 1)
    listed.insert(at, listed.pop(index))
    return "Moved an action", f"action-{name}-{at}"


def _duplicate(document: Document, name: str, text: str) -> Done:
    listed, index = _at(document, name, text)
    listed.insert(index + 1, deepcopy(listed[index]))
    return "Duplicated an action", f"action-{name}-{index + 1}"


OPERATIONS: Mapping[str, Callable[[Document, str, str], Done]] = {
    "add-action": _add,
    "drop-action": _drop,
    "up-action": _move(-1),
    "down-action": _move(1),
    "duplicate-action": _duplicate,
}
