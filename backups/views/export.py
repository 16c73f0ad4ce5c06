"""An archive as plain SQL, streamed: not encrypted, so the person is asked once more, and it is recorded."""

from __future__ import annotations

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from backups.services.archives import find_archive
from backups.services.export import open_export
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you


@superadmin_required
@surely_you
@require_GET
def export(request: SignedInRequest, archive_id: str) -> HttpResponseBase:
    archive = find_archive(archive_id)
    opened = open_export(archive, tables=None, by=request.user, address=address_of(request))
    answer = StreamingHttpResponse(opened, content_type="application/gzip")
    disposition = content_disposition_header(as_attachment=True, filename=opened.name)
    answer["Content-Disposition"] = disposition or "attachment"
    return answer
