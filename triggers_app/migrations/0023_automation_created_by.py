from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0022_firing_replay_of'),
    ]

    operations = [
        migrations.AddField(
            model_name='automation',
            name='created_by',
            field=models.TextField(db_default='', default=''),
        ),
    ]
