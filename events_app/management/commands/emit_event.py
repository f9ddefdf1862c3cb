"""Send one event, as a producer would: through the same parser, into the log."""

import json
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from events_app.domain.parsing import TooLarge, parse_event
from events_app.stream import log
from project.lib import redis_client
from project.lib.clock import utcnow
from project.lib.problems import Invalid


class Command(BaseCommand):
    help = "Send one event to the running Flint and print its id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="such as order.created")
        parser.add_argument("--resource", required=True, metavar="ID", help="what it happened to")
        parser.add_argument("--label", action="append", default=[], metavar="K=V")
        parser.add_argument("--related", action="append", default=[], metavar="ROLE:ID")
        parser.add_argument("--payload", metavar="JSON", help="a JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            event = parse_event(json.dumps(_document(options)).encode())
            log.append(redis_client.client(), [event])
        except Invalid as invalid:
            raise CommandError("\n".join(map(str, invalid.problems))) from None
        except (TooLarge, log.LogFull) as error:
            raise CommandError(str(error)) from None
        except RedisError as error:
            raise CommandError(f"The log does not answer ({error}). Is Flint running?") from None
        self.stdout.write(str(event.id))


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
    left, found, right = text.partition(separator)
    if not found:
        raise CommandError(f"{option} {text!r}: write it as {form}.")
    return left, right


def _payload(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise CommandError(f"--payload is not JSON: {error}.") from None
