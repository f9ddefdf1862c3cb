"""The Lua scripts beside this file. Knows no Redis client."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

Argument = bytes | str | int


@dataclass(frozen=True, slots=True)
class LuaSource:
    text: str
    digest: str

    @classmethod
    def beside(cls, name: str) -> "LuaSource":
        text = (Path(__file__).parent / name).read_text(encoding="utf-8")
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


APPEND = LuaSource.beside("append.lua")
ADVANCE = LuaSource.beside("advance.lua")
