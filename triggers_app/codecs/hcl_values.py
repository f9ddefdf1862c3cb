"""The values in a parsed HCL text, as far as they are literals; everything with its place."""

import json
import re
from textwrap import dedent
from typing import Any

from hcl2.utils import process_escape_sequences
from lark import Token, Tree

from triggers_app.codecs.loss import Loc
from triggers_app.codecs.reading import Diagnostic, Lines, Places, Span

HclNode = Tree[Token] | Token
MAX_DEPTH = 100
_REFERENCE = re.compile(r"(?:data\.)?prefect_\w+\.[\w-]+\.\w+")
_HEREDOC = re.compile(r"<<-?([a-zA-Z][\w.-]*)\r?\n(.*?)\r?\n?[ \t]*\1\s*", re.DOTALL)
_TEMPLATE = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")


class Unknown:
    """What stands in the place of a value that only Terraform can know."""


UNKNOWN = Unknown()


class Values:
    """Reads expressions; what is no literal goes to `said` or, if it names an object of
    Prefect's, to `references`, and is UNKNOWN."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self.places = Places()
        self.said: list[Diagnostic] = []
        self.references: list[tuple[Loc, str]] = []

    def span(self, node: HclNode) -> Span:
        start, end = _extent(node)
        while end > start and self._text[end - 1 : end].isspace():
            end -= 1
        return self._lines.span(start, end)

    def source(self, node: HclNode) -> str:
        start, end = _extent(node)
        return self._text[start:end].strip()

    def of(self, node: HclNode, loc: Loc, depth: int = 0) -> Any:
        self.places.values[loc] = self.span(node)
        if depth > MAX_DEPTH:
            return self.refuse(node, f"This is nested deeper than {MAX_DEPTH} levels.", loc)
        if isinstance(node, Token):
            return self._not_literal(node, loc)
        inner = meaningful(node)
        match str(node.data):
            case "expr_term" if inner and str(inner[0]) == "(":
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
                return self._object(node, inner, loc, depth)
            case "function_call":
                return self._call(node, inner, loc, depth)
        return self._not_literal(node, loc)

    def _tuple(self, inner: list[HclNode], loc: Loc, depth: int) -> list[Any]:
        members = [each for each in inner if str(each) not in ("[", "]", ",")]
        return [self.of(each, (*loc, i), depth + 1) for i, each in enumerate(members)]

    def _object(self, node: HclNode, inner: list[HclNode], loc: Loc, depth: int) -> Any:
        made: dict[str, Any] = {}
        for each in inner:
            if not isinstance(each, Tree) or each.data != "object_elem":
                continue
            key_node, *_, value_node = meaningful(each)
            key = self._key(key_node, loc, depth)
            if key is None:
                continue
            self.places.keys[(*loc, key)] = self.span(key_node)
            made[key] = self.of(value_node, (*loc, key), depth + 1)
        return made

    def _key(self, node: HclNode, loc: Loc, depth: int) -> str | None:
        written = self.source(node)
        if re.fullmatch(r"[\w-]+", written):
            return written
        value = self.of(node, (*loc, written), depth + 1)
        if isinstance(value, str):
            self.places.values.pop((*loc, written), None)
            return value
        if not isinstance(value, Unknown):
            self.refuse(node, "A key must be a name or a text.", loc)
        return None

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
                return self.refuse(piece, message, loc)
            if piece.type.startswith("ESCAPED"):
                text += process_escape_sequences(str(piece)[1:])
            else:
                text += process_escape_sequences(str(piece))
        return text

    def _heredoc(self, node: Tree[Token], loc: Loc) -> Any:
        written = self.source(node)
        found = _HEREDOC.fullmatch(written)
        if found is None:
            return self.refuse(node, "This text has no end.", loc)
        content = found.group(2)
        if _TEMPLATE.search(content):
            message = "Only Terraform can fill in `${…}`; write the values."
            return self.refuse(node, message, loc)
        content = content + "\n" if content else ""
        content = dedent(content) if written.startswith("<<-") else content
        return content.replace("$${", "${").replace("%%{", "%{")

    def _number(self, node: Tree[Token], loc: Loc) -> Any:
        written = re.sub(r"\s", "", self.source(node))
        try:
            return int(written) if re.fullmatch(r"-?\d+", written) else float(written)
        except ValueError:
            return self._not_literal(node, loc)

    def _not_literal(self, node: HclNode, loc: Loc) -> Unknown:
        written = re.sub(r"\s", "", self.source(node))
        if _REFERENCE.fullmatch(written):
            self.references.append((loc, written))
            return UNKNOWN
        shown = self.source(node).split("\n")[0][:60]
        message = f"Only Terraform can know what `{shown}` is; write the value itself."
        return self.refuse(node, message, loc)

    def refuse(self, node: HclNode, message: str, loc: Loc | None = None) -> Unknown:
        self.said.append(Diagnostic(self.span(node), "not_literal", message, loc=loc))
        return UNKNOWN

    def decoded(self, value: Any, loc: Loc) -> Any:
        """JSON that is written as a text, in the place of what would be encoded to it."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            message = "This must be JSON; write it as `jsonencode({…})`."
            self.said.append(Diagnostic(self.places.of(loc), "json_invalid", message, loc=loc))
            return UNKNOWN


def meaningful(node: Tree[Token]) -> list[HclNode]:
    """The children that are neither line ends nor comments."""
    return [
        each
        for each in node.children
        if not (isinstance(each, Tree) and each.data == "new_line_or_comment")
    ]


def _extent(node: HclNode) -> tuple[int, int]:
    if isinstance(node, Token):
        return node.start_pos or 0, node.end_pos or 0
    if node.meta.empty:
        return 0, 0
    return node.meta.start_pos, node.meta.end_pos
