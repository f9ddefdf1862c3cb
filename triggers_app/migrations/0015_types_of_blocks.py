"""Give the blocks that there are the types and schemas of the catalog.

Before this, every block was of one of its types.
"""

from django.db import migrations

from triggers_app.automation.block_catalog import CATALOG, VERSION


def fill(apps, schema_editor):
    block = apps.get_model('triggers_app', 'BlockDocument')
    kind = apps.get_model('triggers_app', 'BlockType')
    schema = apps.get_model('triggers_app', 'BlockSchema')
    for slug in block.objects.order_by().values_list('type_slug', flat=True).distinct():
        known = CATALOG[slug]
        row = kind.objects.create(
            id=known.id, slug=slug, name=known.name, description=known.description, is_protected=True
        )
        fields = schema.objects.create(
            id=known.schema_id,
            block_type=row,
            checksum=known.checksum,
            version=VERSION,
            fields=known.fields,
            capabilities=list(known.capabilities),
        )
        block.objects.filter(type_slug=slug).update(block_type=row, block_schema=fields)


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0014_block_types'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
