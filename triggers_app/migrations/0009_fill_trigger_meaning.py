"""Fill `automation.trigger_meaning`, so that equal triggers are found without reading all.

The code that is called may change its mind about what equal means: then this is to be done again.
"""

from django.db import migrations

from project.lib.problems import Invalid
from triggers_app.automation.document import meaning_key
from triggers_app.automation.parsing import parse_trigger

AT_ONCE = 500


def fill(apps, schema_editor):
    automation = apps.get_model('triggers_app', 'Automation')
    rows = automation.objects.filter(deleted=None, trigger_meaning=None).only('id', 'document')
    filled = []
    for row in rows.iterator(AT_ONCE):
        try:
            row.trigger_meaning = meaning_key(parse_trigger(row.document['trigger']))
        except (Invalid, KeyError):
            continue  # of a newer Flint: it is like no other
        filled.append(row)
        if len(filled) == AT_ONCE:
            automation.objects.bulk_update(filled, ['trigger_meaning'])
            filled = []
    automation.objects.bulk_update(filled, ['trigger_meaning'])


class Migration(migrations.Migration):

    dependencies = [
        ('triggers_app', '0008_trigger_meaning'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
