"""One file per noun."""

from .approval import Approval
from .archive import Archive
from .audit_event import AuditEvent
from .audit_head import AuditHead
from .channel import Channel
from .copy import Copy
from .download_link import DownloadLink
from .incident import Incident, IncidentEntry
from .invitation import Invitation
from .job import Job
from .key_event import KeyEvent
from .last_code import LastCode
from .notice import Delivery, Notice
from .proof import Proof
from .repeat import Repeat
from .restore import Restore
from .retention_policy import RetentionPolicy
from .schedule import Schedule
from .sign_in_tries import SignInTries
from .slot import Slot
from .storage_state import StorageState
from .user import User
from .visit import Visit
from .worker_host import WorkerHost

__all__ = [
    "Approval",
    "Archive",
    "AuditEvent",
    "AuditHead",
    "Channel",
    "Copy",
    "Delivery",
    "DownloadLink",
    "Incident",
    "IncidentEntry",
    "Invitation",
    "Job",
    "KeyEvent",
    "LastCode",
    "Notice",
    "Proof",
    "Repeat",
    "Restore",
    "RetentionPolicy",
    "Schedule",
    "SignInTries",
    "Slot",
    "StorageState",
    "User",
    "Visit",
    "WorkerHost",
]
