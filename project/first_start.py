"""The first user and the first key: given in the environment, or made up and kept in a file."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import transaction

from accounts_app.models import ApiKey, Role
from accounts_app.services import access
from project.lib import env
from project.lib.clock import utcnow

USER = "admin"


@dataclass(frozen=True, slots=True)
class Credentials:
    """`made_up` holds what nobody knows yet, by the name of its variable."""

    file: Path
    made_up: dict[str, str]
    first: bool


def ensure(data_dir: Path) -> Credentials:
    """Make the user `admin` and a key of role admin, unless there are users and keys.

    What is made up is on disk (mode 0600) before it is in the database, so that no crash
    in between leaves a door that nobody can open.
    """
    file = data_dir / "credentials"
    users = get_user_model()
    absent = {
        "FLINT_ADMIN_PASSWORD": not users.objects.exists(),
        "FLINT_API_KEY": not ApiKey.objects.exists(),
    }
    made_up = {name: _made_up(name, file) for name, missing in absent.items() if missing}
    given = {name: env.secret(name) for name in made_up}
    made_up = {name: value for name, value in made_up.items() if not given[name]}
    if made_up:
        _write(file, {**_read(file), **made_up})
    values = {**given, **made_up}
    with transaction.atomic():
        if absent["FLINT_ADMIN_PASSWORD"]:
            users.objects.create_superuser(USER, password=values["FLINT_ADMIN_PASSWORD"])
        if absent["FLINT_API_KEY"]:
            access.create_key("first key", Role.ADMIN, utcnow(), key=values["FLINT_API_KEY"])
    return Credentials(file, made_up, first=any(absent.values()))


def _made_up(name: str, file: Path) -> str:
    kept = _read(file).get(name)
    if kept:
        return kept
    random = secrets.token_urlsafe(12 if name == "FLINT_ADMIN_PASSWORD" else 32)
    return random if name == "FLINT_ADMIN_PASSWORD" else f"flint_{random}"


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name: value for name, equals, value in pairs if equals}


def _write(file: Path, values: dict[str, str]) -> None:
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(file)
