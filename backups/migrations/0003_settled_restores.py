from django.db import migrations, models
from django.db.models import F


def remember_when_restores_went_live(apps, schema_editor):
    restores = apps.get_model("backups", "Restore").objects.using(schema_editor.connection.alias)
    restores.filter(state__in=["swapped", "undone"]).update(swapped_at=F("created_at"))


def seal_the_audit(apps, schema_editor):
    alias = schema_editor.connection.alias
    events = apps.get_model("backups", "AuditEvent").objects.using(alias).order_by("pk")
    if last := events.last():
        from backups.services.audit_head import ONLY, signed

        count, signature = events.count(), signed(events.count(), last.digest)
        apps.get_model("backups", "AuditHead").objects.using(alias).create(
            id=ONLY, count=count, digest=last.digest,
            signed_count=count, signed_digest=last.digest, signature=signature,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('backups', '0002_daily_schedule'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.BigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('signed_count', models.BigIntegerField(default=0)),
                ('signed_digest', models.CharField(blank=True, max_length=64)),
                ('signature', models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='SignInTries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'verbose_name_plural': 'sign-in tries',
            },
        ),
        migrations.AddField(
            model_name='job',
            name='archive_begun',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='restore',
            name='swapped_at',
            field=models.DateTimeField(db_index=True, null=True),
        ),
        migrations.RunPython(remember_when_restores_went_live, migrations.RunPython.noop),
        migrations.RunPython(seal_the_audit, migrations.RunPython.noop),
    ]
