"""The data of blocks under the newest key."""

from collections import Counter
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from project.lib.encrypted_json import LockedData
from project.lib.encryption import keyring
from triggers_app.models import BlockDocument

AT_ONCE = 500
# Whoever writes a block has finished, and nobody begins, until all are encrypted anew.
_LOCK = "LOCK TABLE block_document IN SHARE ROW EXCLUSIVE MODE"


@dataclass(frozen=True, slots=True)
class Rotation:
    """`locked` counts blocks that stay as they were, as their key is missing."""

    encrypted: int
    locked: int


def encrypt_again() -> Rotation:
    """Encrypt every block with the newest key."""
    encrypted = locked = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        for row in BlockDocument.objects.only("data").iterator(AT_ONCE):
            if isinstance(row.data, LockedData):
                locked += 1
            else:
                row.save(update_fields=["data"])
                encrypted += 1
    return Rotation(encrypted, locked)


def missing_keys() -> Counter[str]:
    """How many blocks cannot be read, by the fingerprint of the key that they need."""
    fingerprint = RawSQL("split_part(data, '.', 1)", ())
    rows = BlockDocument.objects.annotate(key=fingerprint).order_by()
    known = set(keyring().fingerprints)
    return Counter(key for key in rows.values_list("key", flat=True) if key not in known)
