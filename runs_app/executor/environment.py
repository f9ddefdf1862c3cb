"""The environment of a flow's process: of the server's only what any program needs."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from project.lib.child_environment import bare_environment
from runs_app.domain.variables import is_refused


def flow_environment(
    server: Mapping[str, str], *, extra: Any, facts: Mapping[str, str], user: str | None = None
) -> dict[str, str]:
    """The `bare_environment` of the server, or of `user`; then `extra`, then `facts`.

    `extra` is `job_variables.env` as somebody wrote it: values that are no text become text,
    null removes a variable. What cannot be a variable is left out, and what is refused: older
    versions of Flint took those.
    """
    passed = bare_environment(server, user=user)
    if user is not None and not _is_for_everybody(passed.get("TMPDIR", "/tmp")):
        del passed["TMPDIR"]
    passed["PYTHONUNBUFFERED"] = "1"
    for name, value in extra.items() if isinstance(extra, Mapping) else ():
        if not name or "=" in name or "\0" in name or "\0" in str(value) or is_refused(name):
            continue
        if value is None:
            passed.pop(name, None)
        else:
            passed[name] = str(value)
    return passed | dict(facts)


def _is_for_everybody(folder: str) -> bool:
    try:
        mode = Path(folder).stat().st_mode
    except OSError:
        return False
    return mode & 0o1007 == 0o1007


def server_environment() -> Mapping[str, str]:
    return os.environ
