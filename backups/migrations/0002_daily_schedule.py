from datetime import time

from django.db import migrations


def make_daily_schedule(apps, schema_editor):
    schedules = apps.get_model("backups", "Schedule").objects.using(schema_editor.connection.alias)
    schedules.get_or_create(name="daily", defaults={"every": "daily", "at": time(2, 0)})


class Migration(migrations.Migration):
    dependencies = [("backups", "0001_initial")]
    operations = [migrations.RunPython(make_daily_schedule, migrations.RunPython.noop)]
