"""Ids that sort by time (UUID version 7, RFC 9562), so that indexes grow at their end. Pure."""

from datetime import datetime
from uuid import UUID

RANDOM_BYTES = 10


def time_ordered_id(moment: datetime, random: bytes) -> UUID:
    """The id of something made at `moment`; `random` holds 10 bytes, 74 bits of which count."""
    ms = int(moment.timestamp() * 1000)
    low = int.from_bytes(random[:RANDOM_BYTES], "big")
    bits = (ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (low >> 62 & 0xFFF) << 64
    return UUID(int=bits | 0b10 << 62 | low & (1 << 62) - 1)
