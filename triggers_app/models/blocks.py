"""Blocks: what flows and actions need to reach something outside, with its secrets."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from project.lib.encrypted_json import EncryptedJSONField


class BlockType(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField(unique=True)
    slug = models.TextField(unique=True)
    logo_url = models.TextField(null=True)
    documentation_url = models.TextField(null=True)
    description = models.TextField(null=True)
    code_example = models.TextField(null=True)
    is_protected = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "block_type"


class BlockSchema(models.Model):
    """`fields` says what the data of a block holds, as a client's block class wrote it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    block_type = models.ForeignKey(BlockType, models.CASCADE, related_name="schemas")
    checksum = models.TextField()
    version = models.TextField(default="non-versioned")
    fields = models.JSONField(default=dict)
    capabilities = ArrayField(models.TextField(), default=list)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "block_schema"
        constraints = [
            models.UniqueConstraint(fields=["checksum", "version"], name="block_schema_checksum")
        ]


class BlockDocument(models.Model):
    """`data` is shown to nobody unmasked but to editors who ask for its secrets.

    What it nests stands in BlockReference. `keeps_results` marks the storage where clients
    put the results of flows unless they say otherwise.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField()
    block_type = models.ForeignKey(BlockType, models.CASCADE, related_name="documents")
    block_schema = models.ForeignKey(BlockSchema, models.CASCADE, related_name="documents")
    data = EncryptedJSONField(default=dict)
    is_anonymous = models.BooleanField(default=False)
    keeps_results = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "block_document"
        constraints = [
            models.UniqueConstraint(fields=["block_type", "name"], name="block_document_name"),
            models.UniqueConstraint(
                fields=["keeps_results"],
                condition=models.Q(keeps_results=True),
                name="block_document_keeps_results",
            ),
        ]


class BlockReference(models.Model):
    """The field `name` of the parent is the block `child`."""

    parent = models.ForeignKey(BlockDocument, models.CASCADE, related_name="references")
    name = models.TextField()
    child = models.ForeignKey(BlockDocument, models.CASCADE, related_name="uses")

    class Meta:
        db_table = "block_reference"
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="block_reference_name")
        ]
