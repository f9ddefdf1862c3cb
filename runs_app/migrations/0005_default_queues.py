"""Every pool gets its queue `default`; deployments and runs of a pool stand in a queue of it."""

from typing import Any
from uuid import uuid5

from django.db import migrations

# Queues that deployments and runs name, which were only names so far.
_NAMED = """
    INSERT INTO work_queue (id, work_pool_id, name, is_paused, priority, ready, created, updated)
    SELECT gen_random_uuid(), named.work_pool_id, named.work_queue_name, false, 1, false, now(), now()
    FROM (
        SELECT work_pool_id, work_queue_name FROM deployment
        UNION
        SELECT work_pool_id, work_queue_name FROM flow_run
    ) AS named
    WHERE named.work_pool_id IS NOT NULL AND named.work_queue_name IS NOT NULL
    ON CONFLICT (work_pool_id, name) DO NOTHING
"""
_PLACED = """
    UPDATE {table} AS t SET work_queue_id = q.id
    FROM work_queue AS q
    WHERE q.work_pool_id = t.work_pool_id AND q.name = coalesce(t.work_queue_name, 'default')
"""


def add_queues(apps: Any, schema_editor: Any) -> None:
    queue = apps.get_model("runs_app", "WorkQueue")
    for pool_id in apps.get_model("runs_app", "WorkPool").objects.values_list("pk", flat=True):
        queue.objects.create(
            # The id that clients were told before there was a queue.
            id=uuid5(pool_id, "default"),
            work_pool_id=pool_id,
            name="default",
            description="The work pool's default queue.",
        )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_NAMED)
        for table in ("deployment", "flow_run"):
            cursor.execute(_PLACED.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0004_work_queues")]
    operations = [migrations.RunPython(add_queues, migrations.RunPython.noop)]
