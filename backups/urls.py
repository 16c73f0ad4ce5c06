"""The panel's addresses."""

from django.urls import URLPattern, path

from backups.views import (
    archives,
    audit,
    backup,
    certificate,
    door,
    download,
    drill,
    home,
    jobs,
    preferences,
    restore,
    schedule,
    step_up,
    undo,
    verify,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("sign-in/", door.sign_in, name="sign-in"),
    path("sign-out/", door.sign_out, name="sign-out"),
    path("still-you/", step_up.step_up, name="step-up"),
    path("language/", preferences.language, name="language"),
    path("theme/", preferences.theme, name="theme"),
    path("backup/", backup.backup, name="backup"),
    path("archives/", archives.archive_list, name="archives"),
    path("archives/<str:archive_id>/", archives.archive_detail, name="archive"),
    path("archives/<str:archive_id>/verify/", verify.verify, name="verify"),
    path("archives/<str:archive_id>/drill/", drill.drill, name="drill"),
    path("archives/<str:archive_id>/certificate/", certificate.drill_certificate, name="certificate"),
    path("archives/<str:archive_id>/download/", download.download, name="download"),
    path("jobs/<uuid:job_id>/", jobs.job_detail, name="job"),
    path("jobs/<uuid:job_id>/progress/", jobs.job_progress, name="job-progress"),
    path("jobs/<uuid:job_id>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("restore/", restore.restore_choice, name="restore"),
    path("restore/plan/", restore.restore_plan, name="restore-plan"),
    path("restore/check/", restore.restore_check, name="restore-check"),
    path("restore/from/<str:archive_id>/", restore.restore_from, name="restore-from"),
    path("restore/<uuid:restore_id>/", restore.restored, name="restored"),
    path("restore/<uuid:restore_id>/undo/", undo.undo, name="undo"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("audit/", audit.audit_list, name="audit"),
]
