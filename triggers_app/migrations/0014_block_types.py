"""Types and schemas of blocks, as Prefect's client registers them."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0013_loop_guard'),
    ]

    operations = [
        migrations.CreateModel(
            name='BlockType',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('name', models.TextField(unique=True)),
                ('slug', models.TextField(unique=True)),
                ('logo_url', models.TextField(null=True)),
                ('documentation_url', models.TextField(null=True)),
                ('description', models.TextField(null=True)),
                ('code_example', models.TextField(null=True)),
                ('is_protected', models.BooleanField(default=False)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('updated', models.DateTimeField(auto_now=True)),
            ],
            options={'db_table': 'block_type'},
        ),
        migrations.CreateModel(
            name='BlockSchema',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('checksum', models.TextField()),
                ('version', models.TextField(default='non-versioned')),
                ('fields', models.JSONField(default=dict)),
                ('capabilities', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('updated', models.DateTimeField(auto_now=True)),
                ('block_type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='schemas', to='triggers_app.blocktype')),
            ],
            options={
                'db_table': 'block_schema',
                'constraints': [models.UniqueConstraint(fields=('checksum', 'version'), name='block_schema_checksum')],
            },
        ),
        migrations.AddField(
            model_name='blockdocument',
            name='block_type',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='triggers_app.blocktype'),
        ),
        migrations.AddField(
            model_name='blockdocument',
            name='block_schema',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='triggers_app.blockschema'),
        ),
        migrations.AddField(
            model_name='blockdocument',
            name='is_anonymous',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='blockdocument',
            name='keeps_results',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='BlockReference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('child', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='triggers_app.blockdocument')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='references', to='triggers_app.blockdocument')),
            ],
            options={
                'db_table': 'block_reference',
                'constraints': [models.UniqueConstraint(fields=('parent', 'name'), name='block_reference_name')],
            },
        ),
    ]
