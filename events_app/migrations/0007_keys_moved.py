"""The keys are accounts_app's now; see its first migration. Permissions and the admin's log follow."""

from typing import Any

from django.db import migrations


def give_away(apps: Any, schema_editor: Any) -> None:
    apps.get_model("contenttypes", "ContentType").objects.filter(
        app_label="events_app", model="apikey"
    ).update(app_label="accounts_app")


def take_back(apps: Any, schema_editor: Any) -> None:
    apps.get_model("contenttypes", "ContentType").objects.filter(
        app_label="accounts_app", model="apikey"
    ).update(app_label="events_app")


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("events_app", "0006_labels_index"),
        ("accounts_app", "0001_initial"),
    ]
    operations = [
        migrations.RunPython(give_away, take_back),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("ApiKey")]),
    ]
