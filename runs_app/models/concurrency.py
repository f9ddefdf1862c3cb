"""Limits of how much may happen at once, and who holds their slots."""

from uuid import uuid4

from django.db import models


class ConcurrencyLimit(models.Model):
    """Named `tag:<tag>` for tasks of a tag, `deployment:<id>` for runs of a deployment."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.TextField(unique=True)
    limit = models.IntegerField()
    active = models.BooleanField(default=True)
    # Slots that were taken without a lease, as they were at `counted`.
    active_slots = models.IntegerField(default=0)
    counted = models.DateTimeField()
    denied_slots = models.IntegerField(default=0)
    slot_decay_per_second = models.FloatField(default=0.0)
    avg_slot_occupancy_seconds = models.FloatField(default=2.0)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "concurrency_limit"


class SlotLease(models.Model):
    """Slots of some limits, held until they are given back or not renewed in time."""

    id = models.UUIDField(primary_key=True)
    slots = models.IntegerField()
    holder_type = models.TextField(null=True)
    holder_id = models.UUIDField(null=True)
    expires = models.DateTimeField()
    created = models.DateTimeField()
    limits = models.ManyToManyField(ConcurrencyLimit, through="LeasedLimit", related_name="leases")

    class Meta:
        db_table = "slot_lease"
        indexes = [models.Index(fields=["expires", "id"], name="slot_lease_expires")]


class LeasedLimit(models.Model):
    lease = models.ForeignKey(SlotLease, on_delete=models.CASCADE)
    limit = models.ForeignKey(ConcurrencyLimit, on_delete=models.CASCADE)

    class Meta:
        db_table = "leased_limit"
        constraints = [models.UniqueConstraint(fields=["lease", "limit"], name="leased_limit_once")]
