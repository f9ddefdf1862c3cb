"""HCL text as python-hcl2's tree, in bounded time: 20 µs a token."""

import re
from typing import Any

from hcl2.parser import parser
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from triggers_app.automation.formats.reading import MAX_VALUES, Diagnostic, Lines, TextSpan

HclNode = Tree[Token] | Token
MAX_TOKENS = 40_000
# The pattern of here-documents tries every line end in a run of blanks against every other.
_BLANKS = re.compile(r"\s{400}")


class InvalidHcl(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def parse(text: str) -> Tree[Token]:
    """Raises InvalidHcl."""
    lines = Lines(text)
    if "<<" in text and (blanks := _BLANKS.search(text)):
        span = lines.span(*blanks.span())
        raise InvalidHcl(Diagnostic(span, "too_large", "Take out some of these blank lines."))
    try:
        return _tree(text, lines)
    except UnexpectedInput as error:
        raise InvalidHcl(_syntax(error, lines, len(text))) from None
    except (LarkError, RecursionError, ValueError) as error:
        message = f"This is not HCL: {str(error).splitlines()[0]}."
        raise InvalidHcl(Diagnostic(lines.span(0, 0), "syntax", message)) from None


def _tree(text: str, lines: Lines) -> Tree[Token]:
    # python-hcl2's own functions read to the end, whatever comes; it needs a line end there.
    reading = parser().parse_interactive(text + "\n")
    last = None
    for count, token in enumerate(reading.iter_parse()):
        if count > MAX_TOKENS:
            place = lines.span(token.start_pos or 0, token.end_pos or 0)
            message = f"The text holds more than {MAX_VALUES:,} values."
            raise InvalidHcl(Diagnostic(place, "too_large", message))
        last = token
    tree: Any = reading.feed_eof(last)  # type: ignore[no-untyped-call]  # lark has none
    return tree  # type: ignore[no-any-return]  # lark has no type for it


def _syntax(error: UnexpectedInput, lines: Lines, size: int) -> Diagnostic:
    line, column = max(error.line, 1), max(error.column, 1)
    written = getattr(error, "token", None)
    if written is None or not str(written).strip():
        message = "This is not HCL: something is missing here, such as a closing bracket."
    else:
        first = str(written).strip().splitlines()[0][:40]
        message = f"This is not HCL: `{first}` is not expected here."
    line, column = min((line, column), lines.place(size))
    return Diagnostic(TextSpan(line, column, line, column + 1), "syntax", message)


def meaningful(node: Tree[Token]) -> list[HclNode]:
    """The children that are neither line ends nor comments."""
    return [each for each in node.children if not is_tree(each, "new_line_or_comment")]


def is_tree(node: HclNode, kind: str) -> bool:
    return isinstance(node, Tree) and node.data == kind


def is_mark(node: HclNode, *marks: str) -> bool:
    """Whether this is one of these brackets or commas."""
    return isinstance(node, Token) and str(node) in marks


def extent(node: HclNode) -> tuple[int, int]:
    if isinstance(node, Token):
        return node.start_pos or 0, node.end_pos or 0
    if node.meta.empty:
        return 0, 0
    return node.meta.start_pos, node.meta.end_pos
