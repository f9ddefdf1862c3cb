"""Every value of an event that the query box can say is a filter, and finds its event."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from events_app.domain.event import Event
from events_app.domain.search_query import parse_search
from events_app.web.value_terms import MOST_LINES, EventLines, ValueLine, event_lines
from tests.web import scene

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RESOURCE = {"prefect.resource.id": "s3://in/a b.csv", "customer": "acme", "odd name": "x"}
RELATED = [{"prefect.resource.id": "prefect.tag.eu", "prefect.resource.role": "tag"}]
PAYLOAD: dict[str, Any] = {
    "rows": 5210, "share": 0.5, "ok": True, "none": None, "note": 'a "quoted" word',
    "files": [{"name": "a.csv"}], "with.dot": 1, "a b": 2, "empty": [], "text": "x" * 900,
}  # fmt: skip


def every(lines: tuple[ValueLine, ...]) -> list[ValueLine]:
    return [one for line in lines for one in (line, *every(line.parts))]


def terms(lines: EventLines) -> dict[str, str]:
    both = [*every(lines.payload), *every(lines.resource), *every(lines.related)]
    return {line.path: line.term for line in both}


def test_values_name_their_terms_and_their_paths() -> None:
    assert terms(event_lines(RESOURCE, RELATED, PAYLOAD)) == {
        "event.payload.rows": "payload.rows=5210",
        "event.payload.share": "payload.share=0.5",
        "event.payload.ok": "payload.ok=true",
        "event.payload.none": "",
        "event.payload.note": r'payload.note="a \"quoted\" word"',
        "event.payload.files": "",
        "event.payload.files[0]": "",
        "event.payload.files[0].name": "payload.files.0.name=a.csv",
        'event.payload["with.dot"]': "",
        'event.payload["a b"]': "",
        "event.payload.empty": "",
        "event.payload.text": "",
        "event.resource.id": 'resource:"s3://in/a b.csv"',
        "event.resource.customer": "label.customer=acme",
        'event.resource["odd name"]': "",
        'event.resource_in_role["tag"]': "related:prefect.tag.eu",
    }


@pytest.mark.parametrize("sign", ["", "-"], ids=["only", "without"])
def test_a_term_finds_its_event_and_its_opposite_does_not(sign: str) -> None:
    event = Event(
        occurred=NOW, event="a", resource=RESOURCE, related=RELATED, id=scene.NOBODY,
        payload=msgspec.Raw(msgspec.json.encode(PAYLOAD)),
    )  # fmt: skip
    offered = [term for term in terms(event_lines(RESOURCE, RELATED, PAYLOAD)).values() if term]

    accepts = {term: parse_search(sign + term, now=NOW).filter.accepts(event) for term in offered}

    assert accepts == dict.fromkeys(offered, not sign)


def test_a_long_payload_shows_its_beginning() -> None:
    wide = event_lines({}, [], {str(n): n for n in range(MOST_LINES + 1)})
    deep: dict[str, Any] = {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}

    assert (len(wide.payload), wide.more) == (MOST_LINES, True)
    assert event_lines({}, [], deep).more
    assert not event_lines(RESOURCE, RELATED, PAYLOAD).more
