"""How a function says which kinds of action it carries out."""

from collections.abc import Callable
from typing import TypeVar

from triggers_app.delivery.batch import Batch
from triggers_app.delivery.results import Settlement

Deliver = Callable[[Batch], list[Settlement | None]]
"""Of all actions of one kind in a batch, what became of each; None: not reached, try again."""

KINDS: dict[str, Deliver] = {}
"""By the `type` of an action; complete once `registry` is imported."""


D = TypeVar("D", bound=Deliver)


def delivers(*kinds: str) -> Callable[[D], D]:
    """Make a function the one that carries out actions of these kinds."""

    def add(deliver: D) -> D:
        for kind in kinds:
            if kind in KINDS:
                raise ValueError(f"Two functions carry out `{kind}`.")
            KINDS[kind] = deliver
        return deliver

    return add
