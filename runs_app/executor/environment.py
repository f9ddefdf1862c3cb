"""The environment of a flow's process: nothing of the server's but what is listed here."""

import os
from collections.abc import Mapping
from typing import Any

# Whatever else the server was started with (keys, addresses of databases) stays with it.
PASSED_ON = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
    }
)


def flow_environment(
    server: Mapping[str, str], *, extra: Any, facts: Mapping[str, str]
) -> dict[str, str]:
    """The server's own variables of PASSED_ON and LC_*, then `extra`, then `facts`.

    `extra` is `job_variables.env` as somebody wrote it: values that are no text become text,
    null removes a variable, and what cannot be a variable is left out.
    """
    passed = {n: v for n, v in server.items() if n in PASSED_ON or n.startswith("LC_")}
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
