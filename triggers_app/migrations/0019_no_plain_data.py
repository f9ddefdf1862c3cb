"""Leave nothing readable of the data of blocks.

PostgreSQL keeps dropped columns and former versions of rows in its files until the table is
written anew, which is what VACUUM FULL does; it cannot run within a transaction.
"""

from django.db import migrations


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('triggers_app', '0018_encrypt_blocks'),
    ]

    operations = [
        migrations.RemoveField(model_name='blockdocument', name='plain'),
        migrations.RunSQL('VACUUM FULL block_document', migrations.RunSQL.noop),
    ]
