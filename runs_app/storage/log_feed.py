"""Lines of logs on their way to those who watch a run: told through Redis, kept by nobody.

What is missed stands in the table all the same.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Any
from uuid import UUID

import msgspec
import redis
import redis.asyncio

from project.lib import redis_client
from project.lib.store_errors import first_line
from runs_app.domain.log_lines import LogLine, decode_lines, encode_lines
from runs_app.models import Log

logger = logging.getLogger(__name__)

CHANNEL = "flint:logs"
AT_ONCE = 200  # lines of a message
QUIET_SECONDS = 3.0


def tell(lines: Sequence[Log]) -> None:
    """Tell whoever watches, if anybody does. Never fails: the lines are written already."""
    messages = [_line(line) for line in lines]
    try:
        for start in range(0, len(messages), AT_ONCE):
            data = encode_lines(messages[start : start + AT_ONCE])
            if not redis_client.broker().publish(CHANNEL, data):
                return  # nobody listens
    except (redis.RedisError, OSError) as error:
        logger.warning("Could not tell of new log lines: %s", first_line(error))


async def lines_of(client: "redis.asyncio.Redis") -> AsyncGenerator[list[LogLine], None]:
    """The lines that are told from now on; an empty list first, and whenever it was quiet."""
    async with client.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        while True:
            message: Any = await channel.get_message(timeout=QUIET_SECONDS)
            is_lines = message is not None and message["type"] == "message"
            yield _lines(message["data"]) if is_lines else []


def _lines(data: bytes) -> list[LogLine]:
    try:
        return decode_lines(data)
    except msgspec.DecodeError:
        # Whoever else may write to this Redis: nothing that was ours.
        logger.warning("Could not read what was told of log lines")
        return []


def _line(log: Log) -> LogLine:
    return LogLine(
        id=UUID(int=log.pk),
        created=log.timestamp,
        updated=log.timestamp,
        name=log.name,
        level=log.level,
        message=log.message,
        timestamp=log.timestamp,
        flow_run_id=log.flow_run_id,
        task_run_id=log.task_run_id,
    )
