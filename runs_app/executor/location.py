"""Finding an entrypoint's file, and only below the folders that may be executed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runs_app.domain.entrypoint import BadEntrypoint, Entrypoint


@dataclass(frozen=True, slots=True)
class Location:
    """Where a flow is: `root` becomes its working directory and is on its import path."""

    root: Path
    file: Path
    function: str


def locate(entrypoint: Entrypoint, *, flow_root: str | None, allowed: Sequence[Path]) -> Location:
    """The file of an entrypoint, links followed. Raises BadEntrypoint.

    `flow_root` is the folder that the deployment was deployed from; `allowed` are the
    operator's folders (FLINT_FLOW_ROOTS). When both are given the first must lie in one of
    the second.
    """
    roots = _roots(flow_root, allowed)
    if not roots:
        raise BadEntrypoint(
            "No folder is known from which this flow may be executed: deploy it with "
            "`manage.py deploy`, or name its folder in FLINT_FLOW_ROOTS."
        )
    for root in roots:
        file = (root / entrypoint.path).resolve()
        if file.is_relative_to(root) and file.is_file():
            return Location(root, file, entrypoint.function)
    places = ", ".join(str(root) for root in roots)
    raise BadEntrypoint(f"There is no file {entrypoint.path} in {places}.")


def _roots(flow_root: str | None, allowed: Sequence[Path]) -> list[Path]:
    resolved = [root.resolve() for root in allowed]
    if flow_root is None:
        return resolved
    own = Path(flow_root).resolve()
    if resolved and not any(own.is_relative_to(root) for root in resolved):
        raise BadEntrypoint(f"The folder {own} is not among FLINT_FLOW_ROOTS.")
    return [own]
