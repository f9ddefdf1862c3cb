"""What must be done before the children start: tables, static files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from project.embedded.starting import CannotStart
from project.lib import encryption, env
from project.pg_tools import UNFINISHED
from runs_app.services import confining
from triggers_app.services import block_types


def migrate(*, restoring: bool = False) -> int:
    """Bring the tables up to date; how many migrations were applied.

    CannotStart when a restore was cut short: what it was to hold would be done; or when there
    is no key to encrypt secrets with.
    """
    if not restoring and UNFINISHED in connection.introspection.table_names():
        raise CannotStart(
            "A restore was cut short. Run `manage.py restore FILE` again before Flint starts."
        )
    try:
        encryption.make_key()
        encryption.keyring()
    except (OSError, ValueError) as error:
        raise CannotStart(str(error)) from None
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    block_types.install()  # a release may have other ones
    return pending


def key_warnings() -> list[str]:
    """That other machines need the key, where there may be other machines."""
    if encryption.from_outside() or not env.secret("DATABASE_URL"):
        return []
    file = encryption.file_in(settings.FLINT_DATA_DIR)
    return [
        f"Secrets are encrypted with the key in {file}, which every other machine that uses this "
        f"database needs: set {encryption.VARIABLE}_FILE."
    ]


def flow_warnings() -> list[str]:
    """Why flows do not run as the user that they should."""
    return confining.warnings(user=settings.FLINT_FLOW_USER, allowed=settings.FLINT_FLOW_ROOTS)


def close_connections() -> None:
    """The supervisor needs the database no more; its pool would mourn it at the end."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one


def collect_static() -> bool:
    """Gather and compress the static files, if any changed since the last time."""
    stamp = Path(settings.STATIC_ROOT).with_name("static.stamp")
    state = _state_of_static_files()
    if stamp.exists() and stamp.read_text(encoding="ascii") == state:
        return False
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state, encoding="ascii")
    return True


def _state_of_static_files() -> str:
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            info = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{info.st_size}\0{info.st_mtime_ns}\n".encode())
    return digest.hexdigest()
