"""The filters of the list of events: an address is a question, and the other way round.

`q` is what stands in the query box. The names of the form's fields are parameters too, each a
term that is added; so they were before there was a query box, and so they still work.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from events_app.domain.filters import NameFilter
from events_app.domain.search_filters import SearchFilter
from events_app.domain.search_query import SearchQuery, Term, parse_search, search_of

RANGES = {
    "": "Any time",
    "1h": "Last hour",
    "24h": "Last 24 hours",
    "7d": "Last 7 days",
    "30d": "Last 30 days",
}
CLOCKS = ("occurred", "received")
TIMES = ("last", "since", "until")
# What may be added by a field of the form; the value is its term's.
ADDED = ("name", "resource", "related", "since", "until")


@dataclass(frozen=True, slots=True)
class EventQuery:
    """What somebody asks for; `problems` are sentences.

    `mutes` are names that this person does not want to see, by default. `clock` is the one that
    the address says, if it does.
    """

    text: str
    terms: tuple[Term, ...]
    problems: tuple[str, ...]
    filter: SearchFilter
    mutes: tuple[str, ...] = ()
    clock: str = ""

    @property
    def range(self) -> str:
        last = [term.value for term in self.terms if term.field == "last"]
        return last[0] if len(last) == 1 and last[0] in RANGES else ""

    @property
    def until(self) -> bool:
        return any(term.field == "until" for term in self.terms)

    @property
    def fate(self) -> bool:
        """Whether it asks what events did, which is known a moment after they came."""
        return any(term.field == "fate" for term in self.terms)

    @property
    def title(self) -> str:
        return next((term.value for term in self.terms if term.field == "name"), "")

    def address(self, base: str, *, text: str | None = None, mutes: bool = False) -> str:
        """The address of these events, or of those of another text.

        The list knows what its reader has muted; its chart and its stream hear it (`mutes`).
        """
        pairs = [("q", self.text if text is None else text)]
        pairs.append(("clock", self.clock))
        pairs += [("mute", name) for name in self.mutes if mutes]
        filled = [(name, value) for name, value in pairs if value]
        return f"{base}?{urlencode(filled)}" if filled else base

    def without(self, *fields: str) -> str:
        """The text without its terms of these fields."""
        return " ".join(term.text for term in self.terms if term.field not in fields)

    def between(self, since: datetime, until: datetime) -> str:
        """The text for another span of time."""
        span = [f"since:{since:%Y-%m-%dT%H:%M}", f"until:{until:%Y-%m-%dT%H:%M}"]
        return " ".join(filter(None, [self.without(*TIMES), *span]))

    @property
    def chips(self) -> list[tuple[str, str]]:
        """Every term, and the text without it."""
        texts = [term.text for term in self.terms]
        return [(text, " ".join(texts[:n] + texts[n + 1 :])) for n, text in enumerate(texts)]


def parse_query(params: QueryDict, *, now: datetime) -> EventQuery:
    """Read the address; with problems its filter must not be used."""
    typed = params.get("q", "").strip()
    query = parse_search(typed, now=now)
    added, wrong = _added(params)
    terms = [*query.terms, *(term for term in added if term not in query.terms)]
    narrows = params.getlist("add")
    if added or wrong:
        if any(term.field in ("since", "until") for term in terms):
            terms = [term for term in terms if term.field != "last"]
        query = search_of(terms, [*query.problems, *wrong], now=now)
    for one in narrows:
        query = _narrowed(query, one, now=now)
    text = typed if query.problems and not (added or narrows) else query.text
    mutes = tuple(name.strip() for name in params.getlist("mute") if name.strip())
    clock = params.get("clock", "")
    clock = clock if clock in CLOCKS else ""
    return muted(EventQuery(text, query.terms, query.problems, query.filter, clock=clock), mutes)


def _narrowed(query: SearchQuery, text: str, *, now: datetime) -> SearchQuery:
    """With one term more; a value takes the place of others of its field, so that less is found."""
    more = parse_search(text.strip(), now=now)
    kept = list(query.terms)
    for term in more.terms:
        if term.field and not term.negated:
            kept = [one for one in kept if one.negated or not _same_field(one, term)]
    terms = [*kept, *(term for term in more.terms if term not in kept)]
    return search_of(terms, [*query.problems, *more.problems], now=now)


def _same_field(one: Term, other: Term) -> bool:
    return (one.field, one.key, one.sign) == (other.field, other.key, other.sign)


def muted(query: EventQuery, mutes: Sequence[str]) -> EventQuery:
    """Without events of these names, unless somebody asks for names."""
    if not mutes or query.problems or any(term.field == "name" for term in query.terms):
        return query
    hidden = replace(query, filter=_without_names(query.filter, mutes), mutes=tuple(mutes))
    return hidden


def _without_names(filter: SearchFilter, mutes: Sequence[str]) -> SearchFilter:
    names = NameFilter(
        exclude_prefix=[name[:-1] for name in mutes if name.endswith("*")] or None,
        exclude_name=[name for name in mutes if not name.endswith("*")] or None,
    )
    return filter.model_copy(update={"event": names})


def _added(params: QueryDict) -> tuple[list[Term], list[str]]:
    """The terms that the fields of the form say, and what is wrong with them."""
    terms: list[Term] = []
    problems: list[str] = []
    for name in ADDED:
        if (value := params.get(name, "").strip()) not in ("", "*"):
            terms.append(Term(name, value))
    if (length := params.get("range", "")) and length in (*RANGES, "1d"):
        terms.append(Term("last", "24h" if length == "1d" else length))
    for pair in ",".join(params.getlist("label")).split(","):
        name, equals, value = (part.strip() for part in pair.partition("="))
        if name and equals:
            terms.append(Term("label", value, name))
        elif pair.strip():
            problems.append(f"Write the label `{pair.strip()[:60]}` as name=value.")
    if text := params.get("text", "").strip():
        words = parse_search(text, now=datetime.min)
        terms += words.terms
        problems += words.problems
    if any("\0" in term.value or len(term.value) > 2000 for term in terms):
        return [], ["This filter holds what no event can hold."]
    return terms, problems
