"""The values in a parsed HCL text, as far as they are literals; everything with its place."""

import json
import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any

from hcl2.utils import process_escape_sequences
from lark import Token, Tree

from project.lib.problems import Loc
from triggers_app.automation.formats.reading import Diagnostic, Lines, Places, TextSpan
from triggers_app.automation.formats.terraform.tree import (
    HclNode,
    extent,
    is_mark,
    is_tree,
    meaningful,
)
from triggers_app.automation.unknown_values import is_unknown, unknown, with_unknown_keys

MAX_DEPTH = 100
_REFERENCE = re.compile(r"(?:data\.)?prefect_\w+\.[\w-]+\.\w+")
_NUMBER = re.compile(r"-?(\d+)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")


class Referred:
    """What stands in the place of an id of an object that the text names."""


REFERRED = Referred()


class HclValues:
    """Reads expressions. What is no literal goes to `said` and stays, as unknown, where it is.

    The id of an object of Prefect's goes to `references` where `is_target` says that one belongs.
    """

    def __init__(
        self, text: str, lines: Lines, is_target: Callable[[Loc], bool] = lambda _: False
    ) -> None:
        self._text = text
        self._lines = lines
        self._is_target = is_target
        self.places = Places()
        self.said: list[Diagnostic] = []
        self.references: list[tuple[Loc, str]] = []

    def span(self, node: HclNode) -> TextSpan:
        start, end = extent(node)
        while end > start and self._text[end - 1 : end].isspace():
            end -= 1
        return self._lines.span(start, end)

    def source(self, node: HclNode) -> str:
        start, end = extent(node)
        return self._text[start:end].strip()

    def of(self, node: HclNode, loc: Loc, depth: int = 0) -> Any:
        self.places.values[loc] = self.span(node)
        if depth > MAX_DEPTH:
            return self.refuse(node, f"This is nested deeper than {MAX_DEPTH} levels.", loc)
        if isinstance(node, Token):
            return self._not_literal(node, loc)
        inner = meaningful(node)
        match str(node.data):
            case "expr_term" if inner and is_mark(inner[0], "("):
                return self.of(inner[1], loc, depth + 1)
            case "expr_term" | "object_elem_key" if len(inner) == 1:
                return self.of(inner[0], loc, depth + 1)
            case "string":
                return self._string(node, loc)
            case "heredoc_template" | "heredoc_template_trim":
                return self._heredoc(node, loc)
            case "int_lit" | "float_lit" | "unary_op":
                return self._number(node, loc)
            case "literal_value":
                return {"true": True, "false": False}.get(self.source(node))
            case "tuple":
                return self._tuple(inner, loc, depth)
            case "object":
                return self._object(inner, loc, depth)
            case "function_call":
                return self._call(node, inner, loc, depth)
        return self._not_literal(node, loc)

    def _tuple(self, inner: list[HclNode], loc: Loc, depth: int) -> list[Any]:
        members = [each for each in inner if not is_mark(each, "[", "]", ",")]
        return [self.of(each, (*loc, i), depth + 1) for i, each in enumerate(members)]

    def _object(self, inner: list[HclNode], loc: Loc, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for each in inner:
            if not isinstance(each, Tree) or not is_tree(each, "object_elem"):
                continue
            key_node, *_, value_node = meaningful(each)
            key = self._key(key_node, loc, depth)
            if key is None:
                made = with_unknown_keys(made, self.source(each))
                continue
            self.places.keys[(*loc, key)] = self.span(key_node)
            made[key] = self.of(value_node, (*loc, key), depth + 1)
        return made

    def _key(self, node: HclNode, loc: Loc, depth: int) -> str | None:
        """None for a key that is not known."""
        written = self.source(node)
        if re.fullmatch(r"[\w-]+", written):
            return written
        value = self.of(node, (*loc, written), depth + 1)
        self.places.values.pop((*loc, written), None)
        if not isinstance(value, str) and not is_unknown(value):
            self.refuse(node, "A key must be a name or a text.", loc)
        return value if isinstance(value, str) else None

    def _call(self, node: HclNode, inner: list[HclNode], loc: Loc, depth: int) -> Any:
        name = self.source(inner[0])
        arguments = [each for each in inner if isinstance(each, Tree) and each.data == "arguments"]
        given = meaningful(arguments[0]) if arguments else []
        if name == "jsonencode" and len(given) == 1:
            return self.of(given[0], loc, depth + 1)
        message = f"Only Terraform can call `{name}`; write the value itself."
        return self.refuse(node, message, loc)

    def _string(self, node: Tree[Token], loc: Loc) -> Any:
        text = ""
        for part in node.children:
            if not isinstance(part, Tree):
                continue
            [piece] = part.children[:1]
            if isinstance(piece, Tree):
                message = f"Only Terraform can fill in `{self.source(piece)}`; write the value."
                return self.refuse(piece, message, loc, whole=node)
            if piece.type.startswith("ESCAPED"):
                text += process_escape_sequences(str(piece)[1:])
            else:
                text += process_escape_sequences(str(piece))
        return text

    def _heredoc(self, node: Tree[Token], loc: Loc) -> Any:
        # The grammar takes it only with its end: a line of the same word alone.
        opening, *rows = self.source(node).split("\n")
        content = "".join(f"{row}\n" for row in rows[:-1]).replace("\r\n", "\n")
        if _TEMPLATE.search(content):
            message = "Only Terraform can fill in `${…}`; write the values."
            return self.refuse(node, message, loc)
        content = dedent(content) if opening.startswith("<<-") else content
        return content.replace("$${", "${").replace("%%{", "%{")

    def _number(self, node: Tree[Token], loc: Loc) -> Any:
        written = _NUMBER.fullmatch(re.sub(r"\s", "", self.source(node)))
        if written is None or len(written[0]) > 300:
            return self._not_literal(node, loc)
        return float(written[0]) if written[2] or written[3] else int(written[0])

    def _not_literal(self, node: HclNode, loc: Loc) -> Any:
        written = self.source(node)
        if len(written) < 300 and self._is_target(loc):
            named = re.sub(r"\s", "", written)
            if _REFERENCE.fullmatch(named):
                self.references.append((loc, named))
                return REFERRED
        excerpt = written.split("\n")[0][:60]
        message = f"Only Terraform can know what `{excerpt}` is; write the value itself."
        return self.refuse(node, message, loc)

    def refuse(
        self, node: HclNode, message: str, loc: Loc, *, whole: HclNode | None = None
    ) -> dict[str, Any]:
        """Say what is wrong with a node; the value of which it is a part is not known."""
        self.said.append(Diagnostic(self.span(node), "not_literal", message, loc=loc))
        return unknown(self.source(node if whole is None else whole))

    def decoded(self, value: Any, loc: Loc) -> Any:
        """JSON that is written as a text, in the place of what would be encoded to it."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            message = "This must be JSON; write it as `jsonencode({…})`."
            self.said.append(Diagnostic(self.places.of(loc), "json_invalid", message, loc=loc))
            return unknown(value)
