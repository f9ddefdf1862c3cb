from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("runs_app", "0011_old_leases")]

    operations = [
        migrations.AddIndex(
            model_name="artifact",
            index=models.Index(fields=["created", "id"], name="artifact_created"),
        ),
    ]
