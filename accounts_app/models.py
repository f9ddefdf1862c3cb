"""Who may come in: API keys. The lowest floor that has tables."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class ApiKey(models.Model):
    """A key; only its SHA-256 is kept (keys are random, so no slow hash is needed)."""

    name = models.TextField()
    prefix = models.CharField(max_length=12)  # to recognise it by, shown in lists
    digest = models.BinaryField(max_length=32, unique=True)
    role = models.CharField(max_length=8, choices=Role, default=Role.EDITOR)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"


class Preference(models.Model):
    """What a person set for a page, kept from browser to browser."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    name = models.CharField(max_length=40)
    value = models.JSONField()

    class Meta:
        db_table = "preference"
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="preference_name")]
