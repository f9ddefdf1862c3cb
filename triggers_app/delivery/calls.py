"""A request as it is sent: by one client, from one event loop, to checked addresses only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triggers_app.delivery.mail import Mail


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `secrets` are the values that nothing may show.

    `following` are sent after it, one by one: a message for several recipients. With `mail` it is
    no request of HTTP, and the rest tells what it looks like.
    """

    url: str
    method: str
    headers: dict[str, str]
    body: str
    secrets: tuple[str, ...] = field(repr=False, default=())
    following: Sequence["Call"] = ()
    mail: "Mail | None" = None
