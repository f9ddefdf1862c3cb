"""The chain of firings that led to an event, carried by the events that Flint itself emits.

A chain is a list of automation ids, oldest first. It ends an automation that feeds itself,
over however many others, when no search at save could have told.
"""

from collections.abc import Sequence
from uuid import UUID

from events_app.domain.causes import MAX_CHAIN, causes_in
from events_app.domain.event import Event

MAX_VISITS = 3  # of one automation in a chain


def causes_of(event: Event | None) -> list[str]:
    """The automations that led to the event; none for one from outside."""
    return [] if event is None else causes_in(event.resource)


def next_causes(before: Sequence[str], automation_id: UUID) -> list[str]:
    """The chain of a firing, its own automation last."""
    return [*before, str(automation_id)][-MAX_CHAIN - 1 :]


def endless(causes: Sequence[str]) -> str | None:
    """Why a chain ends with its last automation; None when it may go on."""
    if len(causes) > MAX_CHAIN:
        return f"The chain of causes holds more than {MAX_CHAIN} firings."
    visits = causes.count(causes[-1]) if causes else 0
    if visits > MAX_VISITS:
        return (
            f"The automation started itself: the chain of causes visits it {visits} times, "
            f"and {MAX_VISITS} is the limit."
        )
    return None
