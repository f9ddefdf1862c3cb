"""The values of `for_each`: which window of a trigger an event belongs to."""

from collections.abc import Callable, Sequence

from events_app.domain.event import RESOURCE_ROLE, Event

Key = tuple[str, ...]
Value = Callable[[Event], str]


def compile_key(labels: Sequence[str]) -> Callable[[Event], Key]:
    """Reads the bucketing key of an event; `labels` as given by `sorted_labels`.

    A label that the event does not have gives "": all such events share a window.
    """
    values = [_value(label) for label in labels]
    if not values:
        return lambda event: ()
    if len(values) == 1:
        only = values[0]
        return lambda event: (only(event),)
    return lambda event: tuple(value(event) for value in values)


def sorted_labels(for_each: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(for_each)))


def _value(label: str) -> Value:
    """`related:<role>:<label>` reads the first related resource with that role alone."""
    first, last = label.find(":"), label.rfind(":")
    if not label.startswith("related:") or first == last:
        return lambda event: event.resource.get(label, "")
    role, name = label[first + 1 : last], label[last + 1 :]

    def of_related(event: Event) -> str:
        for other in event.related:
            if other.get(RESOURCE_ROLE) == role:
                return other.get(name, "")
        return event.resource.get(label, "")

    return of_related
