"""What is uploaded goes to a disk, never into memory, and only for whoever may upload, up to a limit."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.urls import reverse
from django.utils import timezone

from backups.services import incoming


class IncomingFile(TemporaryUploadedFile):
    """In our own folder: the system's may be memory, and what a kill leaves there nobody removes."""

    def __init__(self, name: str | None, content_type: str | None) -> None:
        file: Any = tempfile.NamedTemporaryFile(dir=incoming.folder())  # noqa: SIM115 - Django closes it
        UploadedFile.__init__(self, file, name, content_type, 0)


class GuardedUploadHandler(TemporaryFileUploadHandler):
    """Runs before any view is asked: a stranger's file must not fill the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        request: Any = self.request
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        # At its own page alone: others are open before the second factor, too.
        elsewhere = request.path_info != reverse("elsewhere")
        stranger = not getattr(request.user, "is_superadmin", False)
        if elsewhere or stranger or size > settings.UPLOAD_MAX_BYTES:
            raise StopUpload(connection_reset=True)
        request.upload_began = getattr(request, "upload_began", None) or timezone.now()
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = IncomingFile(self.file_name, self.content_type)
