from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0007_firing_shadow'),
    ]

    operations = [
        migrations.AddField(
            model_name='automation',
            name='trigger_meaning',
            field=models.CharField(max_length=32, null=True),
        ),
        migrations.AddIndex(
            model_name='automation',
            index=models.Index(condition=models.Q(('deleted', None)), fields=['trigger_meaning'], name='automation_meaning'),
        ),
    ]
