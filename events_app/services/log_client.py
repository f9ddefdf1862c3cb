"""The Redis client of the ways into the log that run on the event loop."""

import asyncio
import weakref

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from project.lib import redis_client

# One client (with a pool) per event loop: the server has one, every async test has its own.
_clients: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis]"
_clients = weakref.WeakKeyDictionary()


def log_client() -> "redis.asyncio.Redis":
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        client = _clients[loop] = redis_client.async_client()
        # Soon 503 rather than minutes of hope: the sender tries again, and dedupe makes
        # that safe, as it makes this second try safe.
        client.set_retry(Retry(ConstantBackoff(0.05), 2))
    return client
