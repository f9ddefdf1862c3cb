"""Whether the leader of a follower was known to the log when it came.

The log tells its readers, and forgets; a replay of the table has to decide alike. The index
holds hardly anything: it answers "did anyone wait at all", and then leaders need not be read.
"""

from django.db import migrations, models

COLUMN = "ALTER TABLE event ADD COLUMN leader_unknown boolean NOT NULL DEFAULT false"
INDEX = "CREATE INDEX event_leader_unknown ON event (log_ms) WHERE leader_unknown"


class Migration(migrations.Migration):
    dependencies = [("events_app", "0004_rejected_without_position")]
    operations = [
        migrations.RunSQL(
            COLUMN,
            "ALTER TABLE event DROP COLUMN leader_unknown",
            state_operations=[
                migrations.AddField("event", "leader_unknown", models.BooleanField(default=False))
            ],
        ),
        migrations.RunSQL(INDEX, "DROP INDEX event_leader_unknown"),
    ]
