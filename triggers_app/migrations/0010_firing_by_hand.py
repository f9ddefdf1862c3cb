from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0009_fill_trigger_meaning'),
    ]

    operations = [
        migrations.AddField(
            model_name='firing',
            name='by_hand',
            field=models.TextField(null=True),
        ),
    ]
