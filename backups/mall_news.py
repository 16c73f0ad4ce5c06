"""What mall admins are told on every page while something is wrong: only words meant for them."""

from __future__ import annotations

from dataclasses import dataclass

from backups.models import Incident, Job
from backups.models.job import ACTIVE
from backups.support import whom_to_call

# Of a restore: into another place, where the malls' work goes on undisturbed.
ELSEWHERE = ("target", "into", "beside")


@dataclass(frozen=True, slots=True)
class MallNews:
    """`do` in a superadmin's own words, or empty; `call` may be empty too."""

    restoring: bool
    do: str
    call: str


def mall_news() -> MallNews | None:
    restoring = is_restoring_live()
    incident = Incident.objects.filter(closed_at=None, tells_malls=True).order_by("-opened_at").first()
    if incident is None and not restoring:
        return None
    return MallNews(
        restoring=restoring,
        do=incident.malls_do if incident else "",
        call=(incident.malls_call if incident else "") or whom_to_call(),
    )


def is_restoring_live() -> bool:
    busy = Job.objects.filter(kind__in=(Job.Kind.RESTORE, Job.Kind.UNDO), state__in=ACTIVE)
    return any(touches_live(job) for job in busy.only("options"))


def touches_live(job: Job) -> bool:
    return not any(job.options.get(name) for name in ELSEWHERE)
