"""Versions of servers that speak Redis's protocol. Valkey left Redis at 7.2.4, and since then their
numbers are not of one scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

OLDEST = {"redis": (7, 0), "valkey": (7, 2)}
OLDEST_TEXT = "Redis 7.0 or Valkey 7.2"
_LAST_COMMON = (7, 2)  # Redis 7.4 writes a format of its own, which Valkey refuses


@dataclass(frozen=True, slots=True)
class RedisVersion:
    product: str  # redis or valkey
    number: str  # as the server says it, such as 9.1.2
    release: tuple[int, int]

    @classmethod
    def of(cls, product: str, number: str) -> "RedisVersion":
        major, minor, *_ = (*number.split("."), "0")
        return cls(product, number, (int(major), int(minor)))

    @classmethod
    def from_info(cls, info: Mapping[str, object]) -> "RedisVersion":
        """From the answer to INFO: Valkey tells the version of Redis it is compatible with, too."""
        if number := info.get("valkey_version"):
            return cls.of("valkey", str(number))
        return cls.of("redis", str(info["redis_version"]))

    def __str__(self) -> str:
        return f"{self.product.capitalize()} {self.number}"

    @property
    def is_supported(self) -> bool:
        return self.release >= OLDEST[self.product]

    def reads(self, written: "RedisVersion") -> bool:
        """Whether it can read the files that `written` wrote."""
        if self.product == written.product:
            return self.release >= written.release
        # Redis reads nothing of Valkey: what both could read, Valkey may have written anew.
        return self.product == "valkey" and written.release <= _LAST_COMMON
