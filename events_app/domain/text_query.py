"""What people type to search events: `error -debug +"payment failed"`. Pure."""

import re
from dataclasses import dataclass
from typing import Self

_TOKEN = re.compile(r'([-!+]?)(?:"((?:[^"\\]|\\.)*)"?|(\S+))', re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Lower-case terms: at least one of `include`, all of `required`, none of `exclude`."""

    include: tuple[str, ...]
    required: tuple[str, ...]
    exclude: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Any text is a query; `"` may stand for a phrase, `-`, `!` and `+` before a term."""
        terms: dict[str, list[str]] = {"": [], "+": [], "-": [], "!": []}
        for sign, phrase, word in _TOKEN.findall(text):
            term = ascii_lower(phrase.replace('\\"', '"') or word)
            if term:
                terms[sign].append(term)
        return cls(tuple(terms[""]), tuple(terms["+"]), tuple(terms["-"] + terms["!"]))

    def accepts(self, text: str) -> bool:
        """Whether a text, lower-case already, is found."""
        if self.include and not any(term in text for term in self.include):
            return False
        if any(term in text for term in self.exclude):
            return False
        return all(term in text for term in self.required)


def ascii_lower(text: str) -> str:
    """Only A to Z change, as in PostgreSQL under the collation C."""
    return text.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")
