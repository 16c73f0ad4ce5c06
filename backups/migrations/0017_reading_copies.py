import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery


def arrived_with_their_archives(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Nobody wrote down when a copy came; it is not younger than it may be."""
    created = apps.get_model("backups", "Archive").objects.filter(pk=OuterRef("archive_id"))
    copies = apps.get_model("backups", "Copy").objects.using(editor.connection.alias)
    copies.update(arrived_at=Subquery(created.values("created")[:1]))


class Migration(migrations.Migration):
    dependencies = [("backups", "0016_proof_statement")]

    operations = [
        migrations.AddField(
            "copy", "arrived_at", models.DateTimeField(default=django.utils.timezone.now)
        ),
        migrations.AddField("copy", "unread_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("copy", "unread_code", models.CharField(blank=True, max_length=50)),
        migrations.AddField("copy", "unread_params", models.JSONField(default=dict)),
        migrations.RunPython(arrived_with_their_archives, migrations.RunPython.noop),
    ]
