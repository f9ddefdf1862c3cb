from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("runs_app", "0002_run_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="flowrun",
            index=models.Index(fields=["created", "id"], name="flow_run_created"),
        ),
    ]
