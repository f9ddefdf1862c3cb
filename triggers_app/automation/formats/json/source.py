"""JSON read with the place of every key and value. Syntax errors have a place and a remedy."""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from project.lib.problems import Loc
from triggers_app.automation.formats.reading import (
    MAX_VALUES,
    Diagnostic,
    Lines,
    Places,
    Severity,
    TextFix,
)

MAX_DEPTH = 100
_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


class InvalidJson(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


class JsonSource:
    """`value` and `places` of a JSON text; `notes` warn of keys that are written twice.

    Raises InvalidJson.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self.places = Places()
        self.notes: list[Diagnostic] = []
        self._left = MAX_VALUES
        self.value, end = self._of(self._blank(0), (), 0)
        if self._blank(end) < len(text):
            raise self._wrong(self._blank(end), "Nothing may follow the end of the document.")

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _of(self, at: int, loc: Loc, depth: int) -> tuple[Any, int]:
        if depth > MAX_DEPTH:
            raise self._wrong(at, f"This is nested deeper than {MAX_DEPTH} levels.")
        self._left -= 1
        if self._left < 0:
            raise self._wrong(at, f"The text holds more than {MAX_VALUES:,} values.")
        char = self._text[at : at + 1]
        if char == "{":
            value, end = self._object(at, loc, depth)
        elif char == "[":
            value, end = self._array(at, loc, depth)
        elif char == '"':
            value, end = self._string(at)
        else:
            value, end = self._plain(at)
        self.places.values[loc] = self._lines.span(at, end)
        return value, end

    def _object(self, at: int, loc: Loc, depth: int) -> tuple[Any, int]:
        made: dict[str, Any] = {}
        end = self._blank(at + 1)
        if self._text[end : end + 1] == "}":
            return made, end + 1
        while True:
            if self._text[end : end + 1] != '"':
                raise self._wrong(end, 'A key in double quotes is expected here, such as "name".')
            key, key_end = self._string(end)
            span = self._lines.span(end, key_end)
            if key in made:
                message = f"`{key}` is written twice; the later one counts."
                warning = Diagnostic(span, "duplicate_key", message, Severity.WARNING, (*loc, key))
                self.notes.append(warning)
            self.places.keys[(*loc, key)] = span
            colon = self._blank(key_end)
            if self._text[colon : colon + 1] != ":":
                raise self._wrong(colon, f"A colon is missing after the key `{key}`.", insert=":")
            made[key], end = self._of(self._blank(colon + 1), (*loc, key), depth + 1)
            more, end = self._more(end, "}")
            if not more:
                return made, end

    def _array(self, at: int, loc: Loc, depth: int) -> tuple[Any, int]:
        made: list[Any] = []
        end = self._blank(at + 1)
        if self._text[end : end + 1] == "]":
            return made, end + 1
        while True:
            item, end = self._of(end, (*loc, len(made)), depth + 1)
            made.append(item)
            more, end = self._more(end, "]")
            if not more:
                return made, end

    def _more(self, at: int, closing: str) -> tuple[bool, int]:
        """Whether another member follows, and where it begins; else where all ends."""
        end = self._blank(at)
        char = self._text[end : end + 1]
        if char == closing:
            return False, end + 1
        if char != ",":
            if not char:
                raise self._wrong(end, f"The text ends before a closing `{closing}`.")
            raise self._wrong(at, f"A comma or `{closing}` is missing here.", insert=",")
        following = self._blank(end + 1)
        if self._text[following : following + 1] == closing:
            span = self._lines.span(end, end + 1)
            fix = TextFix("Remove the comma", span, "")
            message = f"JSON has no comma before `{closing}`."
            raise InvalidJson(Diagnostic(span, "syntax", message, fix=fix))
        return True, following

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = scanstring(self._text, at + 1, True)
        except json.JSONDecodeError as error:
            raise self._wrong(error.pos, f"{_sentence(error.msg)}") from None
        return text, end

    def _plain(self, at: int) -> tuple[Any, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, at):
                return value, at + len(word)
        match = _NUMBER.match(self._text, at)
        if match is None:
            written = re.match(r"[\w.+-]+", self._text[at : at + 40])
            what = f"`{written.group()}` is not JSON" if written else "A value is missing here"
            raise self._wrong(at, f"{what}; texts stand in double quotes.")
        try:
            number = float(match.group()) if any(match.groups()) else int(match.group())
        except ValueError:
            raise self._wrong(at, "This number has too many digits.") from None
        return number, match.end()

    def _wrong(self, at: int, message: str, insert: str | None = None) -> InvalidJson:
        span = self._lines.span(at, min(at + 1, len(self._text)))
        fix = None
        if insert is not None:
            fix = TextFix(f"Insert `{insert}`", self._lines.span(at, at), insert)
        return InvalidJson(Diagnostic(span, "syntax", message, fix=fix))


def _sentence(message: str) -> str:
    if message.startswith("Unterminated string"):
        return "This text has no closing quote."
    return message.removesuffix(" at").rstrip(":") + "."
