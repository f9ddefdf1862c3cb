"""A column for the data of blocks that only the holder of a key can read."""

from django.db import migrations

import project.lib.encrypted_json


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0016_blocks_have_types'),
    ]

    operations = [
        migrations.RenameField(model_name='blockdocument', old_name='data', new_name='plain'),
        migrations.AddField(
            model_name='blockdocument',
            name='data',
            field=project.lib.encrypted_json.EncryptedJSONField(default=dict),
        ),
    ]
