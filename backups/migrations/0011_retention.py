
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backups', '0010_archive_anomalies'),
    ]

    operations = [
        migrations.CreateModel(
            name='RetentionPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage', models.CharField(max_length=50, unique=True)),
                ('all_days', models.PositiveSmallIntegerField(default=7)),
                ('daily', models.PositiveSmallIntegerField(default=16)),
                ('weekly', models.PositiveSmallIntegerField(default=8)),
                ('monthly', models.PositiveSmallIntegerField(default=4)),
                ('yearly', models.PositiveSmallIntegerField(default=2)),
                ('max_bytes', models.BigIntegerField(blank=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'retention policies',
                'ordering': ['storage'],
            },
        ),
        migrations.AddField(
            model_name='copy',
            name='leaving',
            field=models.JSONField(blank=True, null=True),
        ),
    ]
