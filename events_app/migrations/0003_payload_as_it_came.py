"""Keep payloads as the text they came as, and count events by name and day.

jsonb would rewrite numbers (1e16 becomes an integer), so that a replay would not see what
the trigger saw. The counts answer "how many events with this prefix" without reading them.
"""

from django.db import migrations, models

PAYLOAD = "ALTER TABLE event ALTER COLUMN payload TYPE text USING payload::text"
# Counts are updated in place, many times a second: leave room in the page.
FILLFACTOR = "ALTER TABLE event_count SET (fillfactor = 50)"


class Migration(migrations.Migration):
    dependencies = [("events_app", "0002_event_partitions")]
    operations = [
        migrations.RunSQL(
            PAYLOAD, "ALTER TABLE event ALTER COLUMN payload TYPE jsonb USING payload::jsonb"
        ),
        migrations.CreateModel(
            name="EventCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "event",
                        "log_day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("event", models.TextField(db_collation="C")),
                ("log_day", models.DateField()),
                ("events", models.BigIntegerField()),
            ],
            options={"db_table": "event_count"},
        ),
        migrations.RunSQL(FILLFACTOR, migrations.RunSQL.noop),
    ]
