"""A request as it is sent: by one client, from one event loop, to checked addresses only."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `secrets` are the values that nothing may show.

    `following` are sent after it, one by one: a message for several recipients.
    """

    url: str
    method: str
    headers: dict[str, str]
    body: str
    secrets: tuple[str, ...] = field(repr=False, default=())
    following: Sequence["Call"] = ()
