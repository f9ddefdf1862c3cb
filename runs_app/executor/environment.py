"""The environment of a flow's process: of the server's only what any program needs."""

import os
from collections.abc import Mapping
from typing import Any

from project.lib.child_environment import bare_environment


def flow_environment(
    server: Mapping[str, str], *, extra: Any, facts: Mapping[str, str]
) -> dict[str, str]:
    """The server's own `bare_environment`, then `extra`, then `facts`.

    `extra` is `job_variables.env` as somebody wrote it: values that are no text become text,
    null removes a variable, and what cannot be a variable is left out.
    """
    passed = bare_environment(server)
    passed["PYTHONUNBUFFERED"] = "1"
    for name, value in extra.items() if isinstance(extra, Mapping) else ():
        if not name or "=" in name or "\0" in name or "\0" in str(value):
            continue
        if value is None:
            passed.pop(name, None)
        else:
            passed[name] = str(value)
    return passed | dict(facts)


def server_environment() -> Mapping[str, str]:
    return os.environ
