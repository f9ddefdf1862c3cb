"""API keys in the database: reading the live ones, adding, noting use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q

from accounts_app.models import ApiKey, Role


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that opens the door; `digest` is the SHA-256 of its text."""

    id: int
    name: str
    digest: bytes
    role: Role
    owner_id: int | None


def live_keys() -> list[LiveKey]:
    """All keys that are neither revoked nor owned by a deactivated user. One query."""
    rows = (
        ApiKey.objects.filter(revoked=None)
        .filter(Q(owner=None) | Q(owner__is_active=True))
        .order_by("pk")
        .values_list("pk", "name", "digest", "role", "owner_id")
    )
    return [LiveKey(pk, name, bytes(d), Role(role), owner) for pk, name, d, role, owner in rows]


def add(*, name: str, prefix: str, digest: bytes, role: Role, now: datetime) -> None:
    ApiKey.objects.create(name=name, prefix=prefix, digest=digest, role=role, created=now)


def revoke(key_id: int, *, now: datetime) -> bool:
    """False when there is no such live key. One query."""
    return ApiKey.objects.filter(pk=key_id, revoked=None).update(revoked=now) == 1


def all_keys() -> list[ApiKey]:
    """The live ones first, each group the newest first. One query."""
    return list(ApiKey.objects.order_by(F("revoked").desc(nulls_first=True), "-created", "-pk"))


# The ORM would send one CASE branch per key; this is one array each, whatever the number.
_NOTE_USE = """
    UPDATE api_key SET last_used = used.at
      FROM unnest(%s::bigint[], %s::timestamptz[]) AS used (id, at)
     WHERE api_key.id = used.id AND (last_used IS NULL OR last_used < used.at)
"""


def note_use(used: Mapping[int, datetime]) -> None:
    """Write when keys were last used, by id of key. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_USE, [list(used), list(used.values())])
