"""The table of recorded events, which Django cannot declare: partitioned by day of log time.

Its partitions are made by events_app.storage.partitions. Every index costs each recorded
event a few microseconds; these are the ones that the questions of the API need.
"""

from django.db import migrations

CREATE = """
CREATE TABLE event (
    log_ms bigint NOT NULL,
    log_seq bigint NOT NULL,
    frame_index integer NOT NULL,
    id uuid NOT NULL,
    occurred timestamptz NOT NULL,
    follows uuid,
    event text COLLATE "C" NOT NULL,
    resource_id text COLLATE "C" NOT NULL,
    resource jsonb NOT NULL,
    related jsonb NOT NULL,
    payload jsonb NOT NULL,
    PRIMARY KEY (log_ms, log_seq, frame_index)
) PARTITION BY RANGE (log_ms);
CREATE INDEX event_id ON event (id);
CREATE INDEX event_occurred ON event (occurred);
CREATE INDEX event_name_occurred ON event (event, occurred);
CREATE INDEX event_resource_occurred ON event (resource_id, occurred);
"""


class Migration(migrations.Migration):
    dependencies = [("events_app", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE event")]
