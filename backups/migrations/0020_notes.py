from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def note_what_there_is(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Pins and policies that were made before notes of them were kept."""
    alias = editor.connection.alias
    archives = apps.get_model("backups", "Archive").objects.using(alias)
    archives.filter(pinned_until__isnull=False).update(pin_number=1)
    apps.get_model("backups", "RetentionPolicy").objects.using(alias).update(number=1)


class Migration(migrations.Migration):
    dependencies = [("backups", "0019_mall_figures")]

    operations = [
        migrations.AddField("archive", "pin_number", models.PositiveIntegerField(default=0)),
        migrations.AddField("copy", "pin_noted", models.PositiveIntegerField(default=0)),
        migrations.AddField("retentionpolicy", "number", models.PositiveIntegerField(default=0)),
        migrations.AddField("retentionpolicy", "noted", models.PositiveIntegerField(default=0)),
        migrations.RunPython(note_what_there_is, migrations.RunPython.noop),
    ]
