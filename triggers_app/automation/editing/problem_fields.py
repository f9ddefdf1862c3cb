"""Problems of a document at the fields of its form, and in plain words. Pure."""

import re

from project.lib.json_documents import Document
from project.lib.problems import Loc, Problem
from triggers_app.automation.actions.base import UNCHOSEN
from triggers_app.automation.document import ACTION_LISTS
from triggers_app.automation.editing import forms
from triggers_app.automation.editing.nodes import Placed, walk
from triggers_app.automation.editing.specifications import related_of, rows_of
from triggers_app.automation.triggers import GROUPS, LEAVES, UNGROUPED
from triggers_app.automation.wording import DASH

_KEY = re.compile(r"`([a-z_]+)`")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def field_of(document: Document, problem: Problem) -> str:
    """The name of the field that a problem is about; that of the part where there is no field."""
    placed = _innermost(document, problem.loc)
    if placed is not None:
        return _node_field(placed, problem)
    if len(problem.loc) >= 2 and problem.loc[0] in ACTION_LISTS:
        prefix = f"a.{problem.loc[0]}.{problem.loc[1]}"
        key = problem.loc[2] if len(problem.loc) > 2 else _key_in(problem.msg)
        return f"{prefix}.{key}" if key else prefix
    if problem.loc[:1] == ("flint",):
        return ".".join(str(part) for part in problem.loc[1:2]) or "flint"
    return str(problem.loc[0]) if problem.loc else ""


def in_the_form(problem: Problem) -> Problem:
    """The problem as somebody reads it who sees fields, and not keys."""
    if problem.type != UNCHOSEN:
        return problem
    key = _key_in(problem.msg)
    what = key.removesuffix("_id").replace("_", " ")
    article = "an" if what[:1] in "aeiou" else "a"
    return Problem((*problem.loc, key), f"Choose {article} {what}.", problem.type)


def _innermost(document: Document, loc: Loc) -> Placed | None:
    around = (placed for placed in walk(document) if loc[: len(placed.loc)] == placed.loc)
    return max(around, key=lambda placed: len(placed.loc), default=None)


def _node_field(placed: Placed, problem: Problem) -> str:
    prefix = f"n.{placed.id}"
    rest = problem.loc[len(placed.loc) :]
    if rest[:1] == ("match",) and len(rest) > 1:
        return _row(prefix, "match", placed.node.get("match"), rest[1])
    if rest[:1] == ("match_related",) and len(rest) > 1:
        listed = isinstance(placed.node.get("match_related"), list)
        which = rest[1] if listed and isinstance(rest[1], int) else 0
        related, label = related_of(placed.node), rest[2:3] if listed else rest[1:2]
        if label and which < len(related):
            return _row(prefix, f"related.{which}", related[which], label[0])
        return f"{prefix}.related.{which}"
    if problem.type == UNGROUPED:
        return prefix
    table = forms.NODES.get(placed.kind, {})
    name = ".".join(str(part) for part in rest[: 2 if rest[:1] == ("metric",) else 1])
    name = name or _key_in(problem.msg)
    return f"{prefix}.{name}" if name in table else prefix


def _row(prefix: str, name: str, specification: object, label: object) -> str:
    labels = [known for known, _ in rows_of(specification)]
    index = labels.index(label) if label in labels else 0
    part = "label" if label == "" else "values"
    return f"{prefix}.{name}.{index}.{part}"


def loc_of(document: Document, name: str) -> Loc:
    """The place of a field in the document; of the part that it belongs to, where it has rows."""
    head, _, rest = name.partition(".")
    if head == "a":
        listed, _, rest = rest.partition(".")
        index, _, key = rest.partition(".")
        return (listed, int(index), key) if index.isdecimal() else (listed,)
    if head != "n":
        return forms.TOP[name][0] if name in forms.TOP else ()
    node_id, _, key = rest.partition(".")
    placed = next((each for each in walk(document) if each.id == node_id), None)
    if placed is None:
        return ()
    table = forms.NODES.get(placed.kind, {})
    return (*placed.loc, *table[key][0]) if key in table else placed.loc


def _key_in(message: str) -> str:
    match = _KEY.search(message)
    return match[1] if match else ""


def sentence_in_place(document: Document, problem: Problem) -> str:
    """The problem as a sentence that begins with where it is."""
    where = place(document, problem.loc)
    return f"{where} {DASH} {problem.msg}" if where else problem.msg


def words_of(document: Document, loc: Loc) -> str:
    """A place in plain words, down to the key: `the first event (a): within`."""
    where, placed = place(document, loc), _innermost(document, loc)
    at = 2 if loc and loc[0] in ACTION_LISTS else 0 if placed is None else len(placed.loc)
    keys = [str(part).replace("_", " ") for part in loc[at:]]
    return ": ".join(part for part in (where, " ".join(keys)) if part) or "the automation"


def place(document: Document, loc: Loc) -> str:
    """`second event (order.created)`, `first action`; empty for the automation itself."""
    if len(loc) > 1 and loc[0] in ACTION_LISTS and isinstance(loc[1], int):
        when = str(loc[0]).removeprefix("actions").replace("_", " ")
        return f"{ordinal(loc[1])} action{when}"
    placed = _innermost(document, loc)
    return "" if placed is None else place_of_node(document, placed)


def place_of_node(document: Document, placed: Placed) -> str:
    """A node in plain words: which of its kind it is, and the name that it expects."""
    kind = placed.kind
    same = [each for each in walk(document) if _noun(each.kind) == _noun(kind)]
    number = next((at for at, each in enumerate(same) if each.loc == placed.loc), 0)
    noun = _noun(kind)
    words = f"{ordinal(number)} {noun}" if len(same) > 1 else f"the {noun}"
    expected = placed.node.get("expect")
    name = expected[0] if isinstance(expected, list) and expected else ""
    return f"{words} ({name})" if isinstance(name, str) and name and kind == "event" else words


def _noun(kind: str) -> str:
    return "group" if kind in GROUPS else kind if kind in LEAVES else "part"


def ordinal(index: int) -> str:
    return f"the {_ORDINALS[index]}" if index < len(_ORDINALS) else f"number {index + 1} of the"
