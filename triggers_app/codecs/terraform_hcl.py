"""Terraform's `prefect_automation` resources, read as automations. Nothing is evaluated."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hcl2.api import parses_to_tree
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from triggers_app.codecs.checking import checked
from triggers_app.codecs.hcl_values import UNKNOWN, HclNode, Unknown, Values, meaningful
from triggers_app.codecs.loss import Loc, Loss
from triggers_app.codecs.reading import (
    Diagnostic,
    Document,
    Found,
    Lines,
    Places,
    Reading,
    Reference,
    Span,
    refused,
    too_large,
)
from triggers_app.codecs.terraform_writer import ENCODED, RESOURCE
from triggers_app.domain.triggers import KINDS

_OF_TERRAFORM = {
    "id",
    "created",
    "updated",
    "account_id",
    "workspace_id",
    "count",
    "for_each",
    "depends_on",
    "provider",
    "lifecycle",
}
_KINDS = {
    "prefect_deployment": "deployment",
    "prefect_work_pool": "work pool",
    "prefect_work_queue": "work queue",
    "prefect_automation": "automation",
    "prefect_block": "block",
}


def read(text: str) -> Reading:
    """All automations in a Terraform file; objects that it names are references."""
    if large := too_large(text):
        return large
    try:
        tree = parses_to_tree(text)
    except UnexpectedInput as error:
        return Reading(diagnostics=[_syntax(error, text)])
    except (LarkError, RecursionError, ValueError) as error:
        return refused(f"This is not HCL: {str(error).splitlines()[0]}.")
    try:
        return _File(text, tree).reading()
    except RecursionError:
        return refused("This is nested too deeply.")


def warm() -> None:
    """Build the grammar now: 6 s of work where python-hcl2 has no cache of it on disk, else 60 ms.

    The cache stands beside the package, if that may be written to.
    """
    read("")


def _syntax(error: UnexpectedInput, text: str) -> Diagnostic:
    line, column = max(error.line, 1), max(error.column, 1)
    written = getattr(error, "token", None)
    if written is None or not str(written).strip():
        message = "This is not HCL: something is missing here, such as a closing bracket."
    else:
        first = str(written).strip().splitlines()[0][:40]
        message = f"This is not HCL: `{first}` is not expected here."
    last = Lines(text).place(len(text))
    if (line, column) > last:
        line, column = last
    return Diagnostic(Span(line, column, line, column + 1), "syntax", message)


class _File:
    def __init__(self, text: str, tree: Tree[Token]) -> None:
        self._text = text
        body = tree.children[0]
        self._body = body if isinstance(body, Tree) else Tree("body", [])
        self._losses: list[Loss] = []
        self._said: list[Diagnostic] = []

    def reading(self) -> Reading:
        found = [
            self._found(body, labels[1])
            for labels, body in self._blocks("resource")
            if len(labels) == 2 and labels[0] == RESOURCE
        ]
        if not found and "trigger" in _attributes(self._body, self._text):
            found = [self._found(self._body, "")]
        if not found:
            return refused(f"There is no resource `{RESOURCE}` here.", code="nothing_found")
        return checked(found, self._losses, self._said)

    def _blocks(self, kind: str) -> Iterator[tuple[list[str], Tree[Token]]]:
        for block in self._body.children:
            if not isinstance(block, Tree) or block.data != "block":
                continue
            name, *rest = meaningful(block)
            if self._source(name) != kind:
                continue
            labels = [self._source(each).strip('"') for each in rest[:-3]]
            body = rest[-2]
            if isinstance(body, Tree):
                yield labels, body

    def _source(self, node: HclNode) -> str:
        return Values(self._text).source(node)

    def _found(self, body: Tree[Token], label: str) -> Found:
        values = Values(self._text)
        written: dict[str, Any] = {}
        for key, (key_node, node) in _attributes(body, self._text).items():
            if key in _OF_TERRAFORM:
                message = f"`{key}` is left out: it is Terraform's own."
                self._losses.append(Loss((key,), message))
                continue
            values.places.keys[(key,)] = values.span(key_node)
            written[key] = values.of(node, (key,))
        values.places.values[()] = values.span(body)
        making = _Making(values)
        document = making.document(written)
        self._said += [replace(each, loc=making.moved(each.loc or ())) for each in values.said]
        references = [self._reference(making.moved(loc), text) for loc, text in values.references]
        for reference in references:
            if not str(reference.loc[-1]).endswith("_id"):
                message = f"Only Terraform can know what `{reference.text}` is; write the value."
                place = making.places().of(reference.loc)
                self._said.append(Diagnostic(place, "not_literal", message, loc=reference.loc))
        kept = [each for each in references if str(each.loc[-1]).endswith("_id")]
        return Found(document, making.places(), label, kept)

    def _reference(self, loc: Loc, text: str) -> Reference:
        parts = text.removeprefix("data.").split(".")
        kind = "data" if text.startswith("data.") else "resource"
        given = self._literals(kind, parts[0], parts[1])
        name, flow = given.get("name"), given.get("flow_name")
        if flow is None and (of_flow := given.get("flow_id", "")).startswith("prefect_flow."):
            flow = self._literals("resource", "prefect_flow", of_flow.split(".")[1]).get("name")
        return Reference(loc, _KINDS.get(parts[0], "object"), text, name, flow)

    def _literals(self, kind: str, type_name: str, label: str) -> dict[str, str]:
        """Texts and references among the attributes of a block of this file."""
        for labels, body in self._blocks(kind):
            if labels == [type_name, label]:
                values = Values(self._text)
                given = {
                    key: values.of(node, (key,))
                    for key, (_, node) in _attributes(body, self._text).items()
                }
                texts = {key: value for key, value in given.items() if isinstance(value, str)}
                return {**{str(loc[0]): text for loc, text in values.references}, **texts}
        return {}


def _attributes(body: Tree[Token], text: str) -> dict[str, tuple[HclNode, HclNode]]:
    """The nodes of the keys and the values of a body."""
    source = Values(text).source
    found: dict[str, tuple[HclNode, HclNode]] = {}
    for each in body.children:
        if isinstance(each, Tree) and each.data == "attribute":
            key, *_, value = meaningful(each)
            found[source(key)] = (key, value)
    return found


class _Making:
    """A resource's values as an automation's document, and where its parts came from."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._moves: list[tuple[Loc, Loc]] = []

    def document(self, written: dict[str, Any]) -> Document:
        document: Document = {"actions": []}
        for key, value in written.items():
            if isinstance(value, Unknown) or value is None:
                continue
            if key == "trigger":
                document[key] = self._trigger(value, (key,), (key,))
            elif key.startswith("actions") and isinstance(value, list):
                actions = [self._known(each, (key, i)) for i, each in enumerate(value)]
                document[key] = actions
            else:
                document[key] = value
        return document

    def _trigger(self, value: Any, loc: Loc, to: Loc) -> Any:
        """`{event = {…}}` as `{"type": "event", …}`."""
        given = self._known(value, loc)
        if not isinstance(given, dict):
            return given
        kinds = [kind for kind in KINDS if isinstance(given.get(kind), dict)]
        if len(kinds) != 1:
            message = f"A trigger has exactly one of {', '.join(KINDS)}."
            place = self._values.places.of(loc)
            self._values.said.append(Diagnostic(place, "trigger_kind", message, loc=loc))
            return given
        [kind] = kinds
        inner: Loc = (*loc, kind)
        self._moves.append((inner, to))
        fields = self._known(given[kind], inner)
        trigger = {"type": kind, **fields}
        if kind == "metric":
            trigger.setdefault("posture", "Metric")
        if kind in ("compound", "sequence"):
            trigger.setdefault("within", None)
        if isinstance(trigger.get("triggers"), list):
            trigger["triggers"] = [
                self._trigger(child, (*inner, "triggers", i), (*to, "triggers", i))
                for i, child in enumerate(trigger["triggers"])
            ]
        return trigger

    def _known(self, value: Any, loc: Loc) -> Any:
        """Without what is null, which is to leave it out, and with JSON decoded."""
        if not isinstance(value, dict):
            return None if isinstance(value, Unknown) else value
        known: dict[str, Any] = {}
        for key, each in value.items():
            given = self._values.decoded(each, (*loc, key)) if key in ENCODED else each
            given = without_unknown(given)
            if given is not UNKNOWN and given is not None:
                known[key] = given
        return known

    def moved(self, loc: Loc) -> Loc:
        """A path in the resource as the path in the document."""
        for before, after in sorted(self._moves, key=lambda move: -len(move[0])):
            if loc[: len(before)] == before:
                return (*after, *loc[len(before) :])
        return loc

    def places(self) -> Places:
        found = self._values.places
        return Places(
            {self.moved(loc): span for loc, span in found.values.items()},
            {self.moved(loc): span for loc, span in found.keys.items()},
        )


def without_unknown(value: Any) -> Any:
    """The value without what only Terraform knows; for that it was said already."""
    if isinstance(value, dict):
        return {
            key: without_unknown(each)
            for key, each in value.items()
            if not isinstance(each, Unknown)
        }
    if isinstance(value, list):
        return [without_unknown(each) for each in value if not isinstance(each, Unknown)]
    return value
