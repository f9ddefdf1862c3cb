"""What is printed when everything runs: where, who, and how clients connect."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from project.first_start import USER, Credentials


def ready_text(address: str, credentials: Credentials, warnings: Sequence[str] = ()) -> str:
    """Secrets are shown once, at the start that made them up; later only where they are.

    Warnings come last, where they stay to be seen.
    """
    return "\n".join(
        [
            "",
            f"  Flint is ready: {address}",
            f"  Sign in as {USER} {_password(credentials)}",
            "",
            f"  export PREFECT_API_URL={address}/api",
            f"  export PREFECT_API_AUTH_STRING={_auth_string(credentials)}",
            "",
            *(f"  Warning: {warning}\n" for warning in warnings),
        ]
    )


def _password(credentials: Credentials) -> str:
    if password := credentials.made_up.get("FLINT_ADMIN_PASSWORD"):
        return f"with the password {password} (kept in {credentials.file})"
    if credentials.first:
        return "with the password of FLINT_ADMIN_PASSWORD"
    if _keeps(credentials, "FLINT_ADMIN_PASSWORD"):
        return f"with the password in {credentials.file}"
    return "with your password"


def _auth_string(credentials: Credentials) -> str:
    if key := credentials.made_up.get("FLINT_API_KEY"):
        return shlex.quote(f"admin:{key}")
    if _keeps(credentials, "FLINT_API_KEY"):
        path = shlex.quote(_short(credentials.file))
        return f"\"admin:$(sed -n 's/^FLINT_API_KEY=//p' {path})\""
    return '"admin:$FLINT_API_KEY"'


def _short(file: Path) -> str:
    """Relative where that is shorter to read, as in a checkout."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def _keeps(credentials: Credentials, name: str) -> bool:
    file = credentials.file
    return file.exists() and f"{name}=" in file.read_text(encoding="utf-8")
