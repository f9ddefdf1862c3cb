"""Terraform's `prefect_automation` resources, read as automations. Nothing is evaluated."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

from lark import Token, Tree

from project.lib.problems import Loc
from triggers_app.automation.formats.checking import checked
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.reading import (
    Diagnostic,
    Lines,
    ParsedAutomation,
    Reading,
    Reference,
    refused,
    too_large,
)
from triggers_app.automation.formats.terraform.document import Making
from triggers_app.automation.formats.terraform.tree import (
    HclNode,
    InvalidHcl,
    extent,
    is_tree,
    meaningful,
    parse,
)
from triggers_app.automation.formats.terraform.values import HclValues
from triggers_app.automation.formats.terraform.write import RESOURCE
from triggers_app.automation.unknown_values import unknown

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
    "timeouts",
    "connection",
    "provisioner",
}
_KINDS = {
    "prefect_deployment": "deployment",
    "prefect_work_pool": "work pool",
    "prefect_work_queue": "work queue",
    "prefect_automation": "automation",
    "prefect_block": "block",
}
_TARGETS = (
    "deployment_id",
    "work_pool_id",
    "work_queue_id",
    "automation_id",
    "block_document_id",
)
Block = tuple[str, list[str], Tree[Token]]


def read(text: str) -> Reading:
    """All automations in a Terraform file; objects that it names are references."""
    if large := too_large(text):
        return large
    try:
        return _File(text, parse(text)).reading()
    except InvalidHcl as error:
        return Reading(diagnostics=[error.diagnostic])
    except RecursionError:
        return refused("This is nested too deeply.")


def warm() -> None:
    """Build the grammar now: 6 s of work where python-hcl2 has no cache of it on disk, else 60 ms.

    The cache stands beside the package, if that may be written to.
    """
    read("")


def _is_target(loc: Loc) -> bool:
    """Whether an action's own key stands there that holds the id of an object."""
    return len(loc) == 3 and str(loc[0]).startswith("actions") and loc[2] in _TARGETS


class _File:
    def __init__(self, text: str, tree: Tree[Token]) -> None:
        self._text = text
        self._lines = Lines(text)
        body = tree.children[0]
        self._body = body if isinstance(body, Tree) else Tree("body", [])
        self._losses: list[Loss] = []
        self._said: list[Diagnostic] = []

    def reading(self) -> Reading:
        automations = [
            self._automation(body, labels[1])
            for kind, labels, body in self._blocks(self._body)
            if kind == "resource" and len(labels) == 2 and labels[0] == RESOURCE
        ]
        if not automations and "trigger" in self._attributes(self._body):
            automations = [self._automation(self._body, "")]
        if not automations:
            return refused(f"There is no resource `{RESOURCE}` here.", code="nothing_found")
        return checked(automations, self._losses, self._said)

    def _blocks(self, body: Tree[Token]) -> Iterator[Block]:
        for block in body.children:
            if isinstance(block, Tree) and is_tree(block, "block"):
                name, *rest = meaningful(block)
                inner = rest[-2]
                if isinstance(inner, Tree):
                    labels = [self._source(each).strip('"') for each in rest[:-3]]
                    yield self._source(name), labels, inner

    def _source(self, node: HclNode) -> str:
        start, end = extent(node)
        return self._text[start:end].strip()

    def _attributes(self, body: Tree[Token]) -> dict[str, tuple[HclNode, HclNode]]:
        """The nodes of the keys and the values of a body."""
        attributes: dict[str, tuple[HclNode, HclNode]] = {}
        for each in body.children:
            if isinstance(each, Tree) and is_tree(each, "attribute"):
                key, *_, value = meaningful(each)
                attributes[self._source(key)] = (key, value)
        return attributes

    def _automation(self, body: Tree[Token], label: str) -> ParsedAutomation:
        values = HclValues(self._text, self._lines, _is_target)
        written: dict[str, Any] = {}
        for key, (key_node, node) in self._attributes(body).items():
            if key in _OF_TERRAFORM:
                message = f"`{key}` is left out: it is Terraform's own."
                self._losses.append(Loss((key,), message))
                continue
            values.places.keys[(key,)] = values.span(key_node)
            written[key] = values.of(node, (key,))
        values.places.values[()] = values.span(body)
        written |= self._of_blocks(body, values)
        making = Making(values)
        document = making.document(written)
        self._said += [replace(each, loc=making.moved(each.loc or ())) for each in values.said]
        references = [self._reference(making.moved(loc), text) for loc, text in values.references]
        return ParsedAutomation(document, making.places(), label, references)

    def _of_blocks(self, body: Tree[Token], values: HclValues) -> dict[str, Any]:
        """What stands in blocks of a resource, which has none of its own, is not known."""
        written: dict[str, Any] = {}
        if body is self._body:
            return written
        for kind, labels, inner in self._blocks(body):
            if kind in _OF_TERRAFORM:
                continue
            key = labels[0] if kind == "dynamic" and labels else kind
            message = f"`{key}` is a block here; write it as an attribute, `{key} = …`."
            self._said.append(Diagnostic(values.span(inner), "not_literal", message, loc=(key,)))
            written[key] = unknown(f"{kind} {' '.join(labels)}".strip() + " { … }")
        return written

    def _reference(self, loc: Loc, text: str) -> Reference:
        parts = text.removeprefix("data.").split(".")
        kind = "data" if text.startswith("data.") else "resource"
        given = self._literals(kind, parts[0], parts[1])
        name, flow = given.get("name"), given.get("flow_name")
        if flow is None and (of_flow := given.get("flow_id", "")).startswith("prefect_flow."):
            flow = self._literals("resource", "prefect_flow", of_flow.split(".")[1]).get("name")
        return Reference(loc, _KINDS.get(parts[0], "object"), text, name, flow)

    @cached_property
    def _named(self) -> dict[tuple[str, str, str], Tree[Token]]:
        resources: dict[tuple[str, str, str], Tree[Token]] = {}
        for kind, labels, body in self._blocks(self._body):
            if len(labels) == 2:
                resources.setdefault((kind, labels[0], labels[1]), body)
        return resources

    def _literals(self, kind: str, type_name: str, label: str) -> dict[str, str]:
        """Texts and references among the names and ids of a block of this file."""
        body = self._named.get((kind, type_name, label))
        if body is None:
            return {}
        values = HclValues(self._text, self._lines, lambda _: True)
        attributes = self._attributes(body)
        given = {
            key: values.of(attributes[key][1], (key,))
            for key in ("name", "flow_name", "flow_id")
            if key in attributes
        }
        texts: dict[str, str] = {k: v for k, v in given.items() if isinstance(v, str)}
        return {**{str(loc[0]): text for loc, text in values.references}, **texts}
