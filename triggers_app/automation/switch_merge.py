"""Whether a deployment's automation is on after it was deployed again. Pure.

Three states are compared: what the owner said last (`base`, None if that is unknown), what a
person has switched it to since (`chosen`, None if nobody has), and what the owner says now. A
person's choice stays unless the owner has changed its mind. Source: docs/semantics.md, row 22.
"""

from typing import NamedTuple

OWNER = "prefect.deployment."


class Switch(NamedTuple):
    """`enabled` as it is to be saved, and the person's choice that is kept, if one is."""

    enabled: bool
    chosen: bool | None

    @property
    def kept(self) -> bool:
        """Whether a person's choice stands against what the owner says."""
        return self.chosen is not None


def merged(*, base: bool | None, chosen: bool | None, posted: bool) -> Switch:
    if base in (None, posted) and chosen is not None and chosen != posted:
        return Switch(chosen, chosen)
    return Switch(posted, None)


def owned_by_deployment(owner_resource: str | None) -> bool:
    return owner_resource is not None and owner_resource.startswith(OWNER)
