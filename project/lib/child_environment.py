"""What a process that this one starts gets to see of this one's environment.

A program that is not Flint's (PostgreSQL, Redis, a flow) gets `bare_environment`: what any
program needs, and nothing else. Flint's own processes get `process_environment`: everything but
what only the first start needs.
"""

import pwd
from collections.abc import Mapping

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
_FIRST_START = ("FLINT_ADMIN_PASSWORD", "FLINT_API_KEY")
FIRST_START_ONLY = frozenset({*_FIRST_START, *(f"{name}_FILE" for name in _FIRST_START)})


def bare_environment(server: Mapping[str, str], *, user: str | None = None) -> dict[str, str]:
    """The variables of PASSED_ON and LC_*; with `user`, home and name are that user's."""
    passed = {n: v for n, v in server.items() if n in PASSED_ON or n.startswith("LC_")}
    if user is None:
        return passed
    entry = pwd.getpwnam(user)
    return passed | {
        "HOME": entry.pw_dir,
        "USER": user,
        "LOGNAME": user,
        "SHELL": entry.pw_shell,
    }


def process_environment(server: Mapping[str, str]) -> dict[str, str]:
    """All of it but the first user's password and first key, which are in the database by now."""
    return {name: value for name, value in server.items() if name not in FIRST_START_ONLY}
