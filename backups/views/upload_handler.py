"""What is uploaded goes to a disk, never into memory, and only for whoever may upload, up to a limit."""

from __future__ import annotations

import socket
import struct
import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.urls import reverse
from django.utils import timezone

from backups.services import incoming

# A phone in a lift: what gunicorn.conf.py grants to anybody would cut a dump that has come for an hour.
PATIENCE_SECONDS = 300
SILENCE = socket.SOL_SOCKET, socket.SO_RCVTIMEO


class IncomingFile(TemporaryUploadedFile):
    """In our own folder: the system's may be memory, and what a kill leaves there nobody removes."""

    def __init__(self, name: str | None, content_type: str | None) -> None:
        file: Any = tempfile.NamedTemporaryFile(dir=incoming.folder())  # noqa: SIM115 - Django closes it
        UploadedFile.__init__(self, file, name, content_type, 0)


class GuardedUploadHandler(TemporaryFileUploadHandler):
    """Runs before any view is asked: a stranger's file must not fill the disk."""

    request: Any
    waited: bytes | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        request = self.request
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        # At its own page alone: others are open before the second factor, too.
        elsewhere = request.path_info != reverse("elsewhere")
        stranger = not getattr(request.user, "is_superadmin", False)
        if elsewhere or stranger or size > settings.UPLOAD_MAX_BYTES:
            raise StopUpload(connection_reset=True)
        request.upload_began = getattr(request, "upload_began", None) or timezone.now()
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = IncomingFile(self.file_name, self.content_type)
        self._wait_longer()

    def upload_complete(self) -> None:
        self._wait_as_before()

    def upload_interrupted(self) -> None:
        self._wait_as_before()
        super().upload_interrupted()

    def _wait_longer(self) -> None:
        line: socket.socket | None = self.request.META.get("gunicorn.socket")
        if line is not None and self.waited is None:
            self.waited = line.getsockopt(*SILENCE, struct.calcsize("@ll"))
            line.setsockopt(*SILENCE, struct.pack("@ll", PATIENCE_SECONDS, 0))

    def _wait_as_before(self) -> None:
        """What comes next by the same line may be somebody else's, who comes through the same proxy."""
        if self.waited is not None:
            self.request.META["gunicorn.socket"].setsockopt(*SILENCE, self.waited)
            self.waited = None
