from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("triggers_app", "0001_initial")]

    operations = [
        # Cached numbers would not grow in commit order between connections.
        migrations.RunSQL(
            "CREATE SEQUENCE automation_change_seq CACHE 1", "DROP SEQUENCE automation_change_seq"
        )
    ]
