"""Deployments that have a limit get the limit whose slots their runs take."""

from django.db import migrations
from django.utils import timezone


def make_limits(apps, schema_editor):
    deployments = apps.get_model("runs_app", "Deployment")
    limits = apps.get_model("runs_app", "ConcurrencyLimit")
    found = deployments.objects.filter(concurrency_limit__isnull=False)
    limits.objects.bulk_create(
        limits(
            id=pk,
            name=f"deployment:{pk}",
            limit=limit,
            counted=timezone.now(),
        )
        for pk, limit in found.values_list("pk", "concurrency_limit")
    )


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0009_concurrency")]
    operations = [migrations.RunPython(make_limits, migrations.RunPython.noop)]
