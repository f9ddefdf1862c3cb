from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0006_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='firing',
            name='shadow',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
