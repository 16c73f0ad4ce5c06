from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0007_files")]

    operations = [migrations.AddField("archive", "release", models.JSONField(default=dict))]
