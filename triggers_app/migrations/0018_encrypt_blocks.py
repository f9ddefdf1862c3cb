"""Encrypt the data of the blocks that there are."""

from django.db import migrations


def encrypt(apps, schema_editor):
    block = apps.get_model('triggers_app', 'BlockDocument')
    for row in block.objects.only('plain').iterator(500):
        row.data = row.plain
        row.save(update_fields=['data'])


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0017_encrypted_data'),
    ]

    operations = [
        migrations.RunPython(encrypt, migrations.RunPython.noop),
    ]
