"""What a template may name on an occasion, with the values that stand there. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from events_app.storage.stored_events import StoredEvent
from triggers_app.automation.unknown_values import name_of
from triggers_app.builder.parameters.chosen_event import ChosenEvent

MOST = 100
MOST_FIELDS = 50
MOST_ELSEWHERE = 20
DEEPEST = 3
SAMPLE = 60
_ROLE = "prefect.resource.role"
_ID = "prefect.resource.id"


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """`path` as one writes it between braces; `value` shortened, `type` in JSON's words."""

    path: str
    value: str
    group: str


def variables_here(
    chosen: ChosenEvent, document: Mapping[str, Any], recent: Sequence[StoredEvent] = ()
) -> list[TemplateVariable]:
    """The event's own first, what `recent` ones carry beside, then what every template has."""
    variables: list[TemplateVariable] = []
    if chosen.recorded is not None:
        event = chosen.recorded.event
        variables += islice(_below("event.payload", chosen.payload, "Payload", 1), MOST_FIELDS)
        variables += islice(_elsewhere(chosen.payload, recent), MOST_ELSEWHERE)
        variables += [
            TemplateVariable("event.id", _short(str(event.id)), "Event"),
            TemplateVariable("event.event", _short(event.event), "Event"),
            TemplateVariable("event.occurred", _short(event.occurred.isoformat()), "Event"),
        ]
        variables += _labels("event.resource", event.resource, "Resource")
        for related in event.related[:10]:
            role = related.get(_ROLE, "")
            if role.isidentifier():
                path = f"event.resource_in_role.{role}"
                variables += _labels(path, related, f"Related: {role}")
    variables += [
        TemplateVariable(_item("labels", name), _short(value), "For each")
        for name, value in chosen.firing_preview.labels.items()
    ]
    variables += [
        TemplateVariable("automation.name", _short(name_of(document)), "Automation"),
        TemplateVariable("firing.id", "the id of the firing", "Firing"),
        TemplateVariable(
            "firing.triggered", _short(chosen.firing_preview.fired.isoformat()), "Firing"
        ),
        TemplateVariable("events", "the events of all parts of the trigger", "Firing"),
        *(
            TemplateVariable(
                f"{kind}.name",
                f"of the {kind.replace('_', ' ')} that the event is about",
                "Objects",
            )
            for kind in _kinds(chosen)
        ),
    ]
    return list({one.path: one for one in variables}.values())[:MOST]


def _elsewhere(
    payload: Mapping[str, Any], recent: Sequence[StoredEvent]
) -> Iterator[TemplateVariable]:
    """Fields that only other events have: a template that names them may fail."""
    payloads = [one.event.payload_object() for one in recent]
    names = dict.fromkeys(name for each in payloads if isinstance(each, dict) for name in each)
    for name in names:
        if name not in payload:
            yield TemplateVariable(_item("event.payload", name), "only in other events", "Payload")


def _kinds(chosen: ChosenEvent) -> Iterator[str]:
    event = None if chosen.recorded is None else chosen.recorded.event
    ids = [] if event is None else [each.get(_ID, "") for each in (event.resource, *event.related)]
    for kind in ("deployment", "flow", "flow-run", "work-pool"):
        if any(each.startswith(f"prefect.{kind}.") for each in ids):
            yield kind.replace("-", "_")


def _below(path: str, value: Any, group: str, depth: int) -> Iterator[TemplateVariable]:
    if isinstance(value, Mapping) and value and depth <= DEEPEST:
        for name, inner in list(value.items())[:MOST]:
            yield from _below(_item(path, str(name)), inner, group, depth + 1)
    elif not (isinstance(value, Mapping) and depth == 1):
        yield TemplateVariable(path, _short(value), group)


def _labels(path: str, labels: Mapping[str, str], group: str) -> Iterator[TemplateVariable]:
    for name, value in labels.items():
        if name == _ID:
            yield TemplateVariable(f"{path}.id", _short(value), group)
        elif name == "prefect.resource.name":
            yield TemplateVariable(f"{path}.name", _short(value), group)
        elif name != _ROLE:
            yield TemplateVariable(_item(path, name), _short(value), group)


def _item(path: str, name: str) -> str:
    """`a.b`, or `a['b c']` for what is no name."""
    if name.isidentifier() and name.isascii():
        return f"{path}.{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{path}['{quoted}']"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SAMPLE else text[: SAMPLE - 1] + "…"
