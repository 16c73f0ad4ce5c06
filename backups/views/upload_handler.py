"""What is uploaded goes to a disk, never into memory, and only for whoever may upload, up to a limit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler


class GuardedUploadHandler(TemporaryFileUploadHandler):
    """Runs before any view is asked: a stranger's file must not fill the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        request: Any = self.request
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > settings.UPLOAD_MAX_BYTES or not getattr(request.user, "is_superadmin", False):
            raise StopUpload(connection_reset=True)
        super().new_file(*args, **kwargs)
