"""Mark the windows that are absences under way; those that change mark themselves."""

from django.db import migrations

# The 10th entry of a stored window says whether it is open.
MARK = """
    UPDATE bucket b SET absence = true
    FROM automation a
    WHERE a.id = b.automation_id
      AND convert_from(b.state, 'UTF8')::jsonb ->> 9 = 'true'
      AND jsonb_path_exists(
          a.document -> 'trigger',
          '$.** ? (@.posture == "Proactive" && @.id == $id)',
          jsonb_build_object('id', b.trigger_id::text)
      )
"""


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0020_snoozes'),
    ]

    operations = [
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
