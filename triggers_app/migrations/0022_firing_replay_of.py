from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0021_mark_open_absences'),
    ]

    operations = [
        migrations.AddField(
            model_name='firing',
            name='replay_of',
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name='firing',
            index=models.Index(condition=models.Q(('replay_of__isnull', False)), fields=['replay_of'], name='firing_replay_of'),
        ),
    ]
