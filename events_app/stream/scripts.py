"""The Lua scripts beside this file, run by their digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import redis.asyncio
from redis.exceptions import NoScriptError

Argument = bytes | str | int


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    digest: str

    @classmethod
    def beside(cls, name: str) -> "Script":
        text = (Path(__file__).parent / name).read_text(encoding="utf-8")
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())

    def run(self, client: redis.Redis, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        try:
            return client.evalsha(self.digest, len(keys), *keys, *args)
        except NoScriptError:  # a fresh or restarted Redis; EVAL makes it known again
            return client.eval(self.text, len(keys), *keys, *args)

    async def run_async(
        self, client: "redis.asyncio.Redis", keys: Sequence[str], args: Sequence[Argument]
    ) -> Any:
        try:
            return await client.evalsha(self.digest, len(keys), *keys, *args)
        except NoScriptError:
            return await client.eval(self.text, len(keys), *keys, *args)


APPEND = Script.beside("append.lua")
ADVANCE = Script.beside("advance.lua")
