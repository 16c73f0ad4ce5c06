from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0006_drill_details")]

    operations = [
        migrations.AddField("archive", "folders", models.JSONField(default=list)),
        migrations.AddField("restore", "keeps_files", models.BooleanField(default=False)),
    ]
