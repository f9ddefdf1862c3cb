"""A block's type is a row, no text of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0015_types_of_blocks'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='blockdocument', name='block_document_name'),
        migrations.RemoveField(model_name='blockdocument', name='type_slug'),
        migrations.AlterField(
            model_name='blockdocument',
            name='block_type',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='triggers_app.blocktype'),
        ),
        migrations.AlterField(
            model_name='blockdocument',
            name='block_schema',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='triggers_app.blockschema'),
        ),
        migrations.AddConstraint(
            model_name='blockdocument',
            constraint=models.UniqueConstraint(fields=('block_type', 'name'), name='block_document_name'),
        ),
        migrations.AddConstraint(
            model_name='blockdocument',
            constraint=models.UniqueConstraint(condition=models.Q(('keeps_results', True)), fields=('keeps_results',), name='block_document_keeps_results'),
        ),
    ]
