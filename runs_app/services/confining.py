"""What is to be said about the user that flows run as, for all folders that flows lie in."""

from collections.abc import Iterable
from pathlib import Path

from runs_app.executor.confinement import applies, confinement
from runs_app.storage import deployments


def warnings(*, user: str, allowed: Iterable[Path], makes_user: bool = True) -> list[str]:
    """Why flows of which folder run as root; empty where none does, or none could do else.

    One query, none where this process is not root's. The folders are those of the deployments
    that Flint executes, and the `allowed`.
    """
    if not applies(user):
        return []
    roots = {*allowed, *map(Path, deployments.roots_of_flint())}
    texts = [
        confinement(user, root, makes_user=makes_user).warning for root in (None, *sorted(roots))
    ]
    return list(dict.fromkeys(warning for warning in texts if warning is not None))
