"""One file per noun."""

from .archive import Archive
from .audit_event import AuditEvent
from .copy import Copy
from .job import Job
from .proof import Proof
from .restore import Restore
from .schedule import Schedule
from .user import User

__all__ = ["Archive", "AuditEvent", "Copy", "Job", "Proof", "Restore", "Schedule", "User"]
