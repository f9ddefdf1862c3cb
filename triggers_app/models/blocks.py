"""Where notifications and webhooks go: addresses and headers, which are secrets."""

from uuid import uuid4

from django.db import models


class BlockDocument(models.Model):
    """`data` is shown to nobody unmasked; only delivery reads it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField()
    type_slug = models.TextField()
    data = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "block_document"
        constraints = [
            models.UniqueConstraint(fields=["type_slug", "name"], name="block_document_name")
        ]
