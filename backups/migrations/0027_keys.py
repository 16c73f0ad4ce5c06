import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backups", "0026_approval")]

    operations = [
        migrations.CreateModel(
            name="KeyEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("made", "Made"),
                            ("replaced", "Replaced by a new one"),
                            ("revoked", "Revoked"),
                            ("kit", "Handed out in a recovery kit"),
                            ("proved", "Opened an archive"),
                        ],
                        max_length=10,
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("fingerprint", models.CharField(db_index=True, max_length=16)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("host", models.CharField(blank=True, max_length=64)),
                ("archive", models.CharField(blank=True, max_length=64)),
                ("statement", models.TextField(blank=True)),
            ],
            options={"ordering": ["-at", "-pk"]},
        ),
        migrations.AddField("archive", "recipients", models.TextField(blank=True)),
        migrations.AddField("archive", "signer", models.CharField(blank=True, max_length=16)),
    ]
