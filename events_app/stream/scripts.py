"""Running the Lua scripts by their digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import NoScriptError

from events_app.stream import lua
from events_app.stream.lua import Argument


@dataclass(frozen=True, slots=True)
class LuaScript:
    source: lua.LuaSource

    def run(self, client: redis.Redis, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        try:
            return client.evalsha(self.source.digest, len(keys), *keys, *args)
        except NoScriptError:  # a fresh or restarted Redis; EVAL makes it known again
            return client.eval(self.source.text, len(keys), *keys, *args)

    async def run_async(
        self, client: "redis.asyncio.Redis", keys: Sequence[str], args: Sequence[Argument]
    ) -> Any:
        try:
            return await client.evalsha(self.source.digest, len(keys), *keys, *args)
        except NoScriptError:
            return await client.eval(self.source.text, len(keys), *keys, *args)


APPEND = LuaScript(lua.APPEND)
ADVANCE = LuaScript(lua.ADVANCE)
