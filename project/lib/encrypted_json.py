"""A column of JSON objects that nobody can read in the database, nor in a dump of it."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from project.lib.encryption import MissingKey, keyring

if TYPE_CHECKING:
    _Text = models.TextField[dict[str, Any], dict[str, Any]]
else:
    _Text = models.TextField


class LockedData(dict[str, Any]):
    """In the place of an object that cannot be decrypted; `reason` says which key is missing."""

    def __init__(self, error: MissingKey) -> None:
        super().__init__()
        self.error = error
        self.reason = str(error)


class EncryptedJSONField(_Text):
    """What cannot be decrypted is LockedData, and is never written back."""

    def get_prep_value(self, value: Any) -> Any:
        """Raises MissingKey for LockedData."""
        if isinstance(value, LockedData):
            raise value.error
        return keyring().encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            return json.loads(keyring().decrypt(value))
        except MissingKey as error:
            return LockedData(error)

    def to_python(self, value: Any) -> Any:
        return value
