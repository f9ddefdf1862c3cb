"""The database as a file: `pg_dump`, `pg_restore` and `psql` of the embedded server's package.

They also work on a database that was given by DATABASE_URL, unless it is newer than they are.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from project.embedded import postgres_server
from project.lib.child_environment import bare_environment

# In the transaction that replaces everything; dropped when the restore is complete.
UNFINISHED = "restore_unfinished"
_BEGIN = f"""
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE TABLE public.{UNFINISHED} ();
"""
# A setting that servers before 17 do not know, at the head of every dump of a newer one.
_NOT_KNOWN_TO_ALL = b"SET transaction_timeout"
_HEAD_LINES = 64


class ToolFailed(Exception):
    """A tool of PostgreSQL ended with an error; the message is its own."""


def dump(url: str, file: Path) -> None:
    """Write the whole database into `file`, as it is at one moment; for its owner only."""
    part = file.with_name(f"{file.name}.part")
    part.touch(mode=0o600)
    part.chmod(0o600)
    try:
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={part}"]
        _finished(_started("pg_dump", *options, url=url))
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def migrations_in(file: Path) -> set[tuple[str, str]]:
    """The migrations, by app and name, that the dumped database had; ToolFailed if it is none."""
    options = ["--data-only", "--table=django_migrations", "--file=-", str(file)]
    text = _finished(_started("pg_restore", *options)).decode()
    _, _, rows = text.partition("\nCOPY public.django_migrations ")
    columns = [line.split("\t") for line in rows.partition("\n\\.")[0].splitlines()[1:]]
    return {(row[1], row[2]) for row in columns if len(row) > 2}


def restore(url: str, file: Path) -> None:
    """Replace everything in the database by what `file` holds, in one transaction.

    The table UNFINISHED is there afterwards.
    """
    options = ["--no-owner", "--no-privileges", "--file=-", str(file)]
    psql = ["-qX", "-v", "ON_ERROR_STOP=1", "--single-transaction", "--file=-"]
    psql += ["--output=/dev/null"]
    with (
        _ended(_started("pg_restore", *options)) as source,
        _ended(_started("psql", *psql, url=url, stdin=subprocess.PIPE)) as target,
    ):
        assert source.stdout is not None and target.stdin is not None
        try:
            _pour(source.stdout, target.stdin)
        except BrokenPipeError:
            source.kill()  # psql has stopped, and says why
        _finished(target)
        _finished(source)


def _pour(source: IO[bytes], target: IO[bytes]) -> None:
    with target:
        target.write(_BEGIN.encode())
        for _ in range(_HEAD_LINES):
            line = source.readline()
            if not line.startswith(_NOT_KNOWN_TO_ALL):
                target.write(line)
        shutil.copyfileobj(source, target, 1 << 20)


def _started(
    tool: str, *options: str, url: str | None = None, stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[bytes]":
    """The password stands in the environment: arguments are shown by `ps`."""
    environment = bare_environment(os.environ)
    command = [str(postgres_server.binaries() / tool), *options]
    if url is not None:
        password = conninfo_to_dict(url).get("password")
        command += ["--dbname", make_conninfo(url, password=None)]
        if password:
            environment["PGPASSWORD"] = str(password)
    return subprocess.Popen(
        command, env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _finished(process: "subprocess.Popen[bytes]") -> bytes:
    """What it wrote; raises ToolFailed."""
    if process.stdin is not None and process.stdin.closed:
        process.stdin = None  # or `communicate` would flush it
    output, errors = process.communicate()
    if process.returncode:
        said = errors.decode(errors="replace").strip() or f"exit code {process.returncode}"
        raise ToolFailed(said)
    return output


@contextmanager
def _ended(process: "subprocess.Popen[Any]") -> Iterator["subprocess.Popen[Any]"]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()
