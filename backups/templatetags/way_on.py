"""What comes after a restore: the step that is left, what an undo waits for, what a cancelled one left."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from backups import queries
from backups.models import Job, Restore
from backups.services import trial_copies as copies
from backups.services.folders import FILES
from backups.services.plan import Happening, Scope, Target

register = template.Library()


@register.filter
def second_step(restore: Restore) -> str:
    """The address of the same plan in place of what is live; '' where there is no archive any more."""
    if restore.archive is None or not restore.archive.is_whole:
        return ""
    planned: dict[str, object] = {
        "what": Happening.LOOK.value,
        "archive": restore.archive.pk,
        "scope": _scope(restore).value,
        "target": Target.LIVE.value,
    }
    if planned["scope"] == Scope.TABLES:
        planned["tables"] = _tables(restore)
    return f"{reverse('restore-check')}?{urlencode(planned, doseq=True)}"


def _scope(restore: Restore) -> Scope:
    if restore.scope == FILES:
        return Scope.FILES
    return Scope.TABLES if _tables(restore) else Scope.DATABASE


def _tables(restore: Restore) -> list[str]:
    return list(restore.job.options.get("tables", ())) if restore.job else []


@register.filter
def lies_under(restore: Restore) -> Restore | None:
    """The later restore that has to be undone before this one can be."""
    newest = queries.active_restore(restore.target)
    return newest if restore.can_undo and newest and newest.pk != restore.pk else None


@register.filter
def trial_copies(restore: Restore) -> list[Restore]:
    """What first steps filled from the same archive and is still there; nothing clears it away."""
    if restore.archive is None or restore.scope == FILES:
        return []
    earlier = Restore.objects.filter(
        archive=restore.archive, state=Restore.State.ELSEWHERE, folder="", created_at__lt=restore.created_at
    )
    newest = {each.target: each for each in reversed(earlier.exclude(target=restore.target))}
    missing = copies.gone(newest.values())
    return [each for name, each in newest.items() if name not in missing]


@register.filter
def is_gone(restore: Restore) -> bool:
    """The database that it filled was removed since; of what is live the server is not asked."""
    apart = restore.state == Restore.State.ELSEWHERE and not restore.folder
    return apart and restore.target in copies.gone([restore])


@register.filter
def can_be_dropped(restore: Restore) -> bool:
    return copies.is_ours(restore)


@register.filter
def left_nothing(job: Job) -> Restore | None:
    """The restore of a cancelled job where it is certain that what was half-built is gone."""
    restore = job.restores.first() if job.kind == Job.Kind.RESTORE else None
    return restore if restore and restore.state == Restore.State.FAILED else None


@register.filter
def undone(job: Job) -> Restore | None:
    """The restore that an undo took back."""
    return Restore.objects.filter(pk=job.options.get("restore")).first()
