"""As whom a child runs: a user with that user's own group, and none of the parent's groups."""

import pwd
from collections.abc import Sequence
from typing import NamedTuple


class Identity(NamedTuple):
    """The arguments of `subprocess.Popen` of the same names."""

    user: int | None = None
    group: int | None = None
    extra_groups: Sequence[int] | None = None


OURS = Identity()  # whoever this process is


def identity_of(user: str | None) -> Identity:
    """None is whoever this process is. `Popen(user=…)` alone would keep root's groups."""
    if user is None:
        return OURS
    entry = pwd.getpwnam(user)
    return Identity(entry.pw_uid, entry.pw_gid, ())
