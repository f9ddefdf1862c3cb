"""Sending one event from the command line, without Django: the start is what it costs."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from events_app.domain.parsing import TooLarge, parse_event
from events_app.stream import one_append
from events_app.stream.appending import LogFull
from project.lib import datadir
from project.lib.clock import utcnow
from project.lib.problems import Invalid

HELP = "Send one event to the running Flint and print its id."


class NotSent(Exception):
    """Why nothing was sent, in sentences."""


def main(arguments: Sequence[str]) -> int:
    """`manage.py emit_event`; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py emit_event", description=HELP)
    add_arguments(parser)
    options = vars(parser.parse_args(arguments))
    try:
        sys.stdout.write(f"{send(options)}\n")
    except (NotSent, ValueError) as error:
        sys.stderr.write(f"CommandError: {error}\n")
        return 1
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="such as order.created")
    parser.add_argument("--resource", required=True, metavar="ID", help="what it happened to")
    parser.add_argument("--label", action="append", default=[], metavar="K=V")
    parser.add_argument("--related", action="append", default=[], metavar="ROLE:ID")
    parser.add_argument("--payload", metavar="JSON", help="a JSON object")


def send(options: dict[str, Any]) -> UUID:
    """Append the event that the options describe; its id. Raises NotSent."""
    try:
        event = parse_event(json.dumps(_document(options)).encode())
        one_append.append(datadir.log_url(), [event])
    except Invalid as invalid:
        raise NotSent("\n".join(map(str, invalid.problems))) from None
    except (TooLarge, LogFull) as error:
        raise NotSent(str(error)) from None
    except one_append.Unreachable as error:
        raise NotSent(f"The log does not answer ({error}). Is Flint running?") from None
    return event.id


def _document(options: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "occurred": utcnow().isoformat(),
        "event": options["name"],
        "resource": {
            **dict(_pair("--label", text, "=", "KEY=VALUE") for text in options["label"]),
            "prefect.resource.id": options["resource"],
        },
        "related": [_related(text) for text in options["related"]],
        "id": str(uuid4()),
    }
    if options["payload"] is not None:
        document["payload"] = _payload(options["payload"])
    return document


def _related(text: str) -> dict[str, str]:
    role, resource_id = _pair("--related", text, ":", "ROLE:ID")
    return {"prefect.resource.id": resource_id, "prefect.resource.role": role}


def _pair(option: str, text: str, separator: str, form: str) -> tuple[str, str]:
    left, parts, right = text.partition(separator)
    if not parts:
        raise NotSent(f"{option} {text!r}: write it as {form}.")
    return left, right


def _payload(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise NotSent(f"--payload is not JSON: {error}.") from None
