from datetime import timedelta

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def carry_over(apps, schema_editor):
    """The slot that waits goes on waiting; one that passed while nobody looked is made up for, as before."""
    schedules = apps.get_model("backups", "Schedule").objects.using(schema_editor.connection.alias)
    for schedule in schedules.all():
        if schedule.every == "hourly":
            schedule.every, schedule.hours = "hours", 1
        if schedule.name == "daily":
            # As it was made by us, and people read it now.
            schedule.name = "Setiap malam"
        if schedule.next_run:
            schedule.since = min(schedule.since, schedule.next_run - timedelta(seconds=1))
        schedule.save()


def take_back(apps, schema_editor):
    schedules = apps.get_model("backups", "Schedule").objects.using(schema_editor.connection.alias)
    schedules.filter(every="hours").update(every="hourly")
    schedules.exclude(every="hourly").update(every="daily")


class Migration(migrations.Migration):

    dependencies = [
        ('backups', '0013_worker_hosts'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedule',
            name='content',
            field=models.CharField(default='everything', max_length=10),
        ),
        migrations.AddField(
            model_name='schedule',
            name='cron',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='schedule',
            name='day',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='schedule',
            name='heartbeat',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='schedule',
            name='heartbeat_problem',
            field=models.CharField(blank=True, max_length=30),
        ),
        migrations.AddField(
            model_name='schedule',
            name='hours',
            field=models.PositiveSmallIntegerField(default=6),
        ),
        migrations.AddField(
            model_name='schedule',
            name='since',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='schedule',
            name='weekdays',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='every',
            field=models.CharField(choices=[('hours', 'Every few hours'), ('daily', 'Every day'), ('weekly', 'On days of the week'), ('monthly', 'Once a month'), ('cron', 'By a line of cron')], default='daily', max_length=10, verbose_name='how often'),
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('state', models.CharField(choices=[('claimed', 'Waiting'), ('started', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('missed', 'Missed')], default='claimed', max_length=10)),
                ('late', models.BooleanField(default=False)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('told', models.CharField(blank=True, max_length=10)),
                ('tell_after', models.DateTimeField(null=True)),
                ('tell_tries', models.PositiveSmallIntegerField(default=0)),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='slots', to='backups.job')),
                ('schedule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='slots', to='backups.schedule')),
            ],
            options={
                'ordering': ['-at'],
                'constraints': [models.UniqueConstraint(fields=('schedule', 'at'), name='one_slot_per_moment')],
            },
        ),
        migrations.RunPython(carry_over, take_back),
        migrations.RemoveField(
            model_name='schedule',
            name='last_slot',
        ),
    ]
