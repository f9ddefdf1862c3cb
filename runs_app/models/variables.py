"""Variables: values that flows and templates read by their names."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Variable(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField(unique=True)
    value = models.JSONField(null=True)
    tags = ArrayField(models.TextField(), default=list)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "variable"
