"""The keys come from events_app, table and rows as they are; only whose they are changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("events_app", "0006_labels_index"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ApiKey",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.TextField()),
                        ("prefix", models.CharField(max_length=12)),
                        ("digest", models.BinaryField(max_length=32, unique=True)),
                        ("role", models.CharField(choices=[("viewer", "Viewer"), ("editor", "Editor"), ("admin", "Admin")], default="editor", max_length=8)),
                        ("created", models.DateTimeField(auto_now_add=True)),
                        ("last_used", models.DateTimeField(null=True)),
                        ("revoked", models.DateTimeField(null=True)),
                        ("owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                    ],
                    options={"db_table": "api_key"},
                ),
            ],
        ),
    ]
