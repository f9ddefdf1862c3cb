"""Who created each automation: the author of its first version, without the reason given."""

from django.db import migrations

FILL = """
    UPDATE automation a SET created_by = split_part(v.author, ': ', 1)
    FROM automation_version v WHERE v.automation_id = a.id AND v.version = 1
"""


class Migration(migrations.Migration):
    dependencies = [("triggers_app", "0023_automation_created_by")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
