"""The steps of each kind of job, as a person would name them."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from backups.models import Job
from backups.models.job import Kind
from backups.services import folders

Stage = tuple[tuple[str, ...], str]

# The engine's phases, gathered into steps that a person would name.
SNAPSHOT = (("calm", "snapshot", "inventory"), gettext_noop("Take a picture of the database"))
COPY = (("dump",), gettext_noop("Copy and encrypt every table"))
COPY_FILES: Stage = (("files",), gettext_noop("Copy and encrypt the files"))
UNPACK: Stage = (
    ("files_unpack", "files_prove"),
    gettext_noop("Unpack the files beside the live ones and compare them"),
)
UNPACK_APART: Stage = (UNPACK[0], gettext_noop("Unpack the files into the new folder and compare them"))
SEAL = (("seal",), gettext_noop("Seal the archive"))
READ_BACK = (("verify",), gettext_noop("Read it again to be sure it is whole"))
SAFETY: Stage = (
    ("calm", "snapshot", "inventory", "dump", "files", "seal", "verify"),
    gettext_noop("Make a safety backup first"),
)
CHECK = (("verify",), gettext_noop("Check the seal and every part"))
SEND: Stage = (("copy", ""), gettext_noop("Copy it, encrypted as it is"))
READ_THERE: Stage = (("read_back",), gettext_noop("Read it there and compare it with the seal"))
# Before its first phase a drill and a restore read the seal; it belongs to loading.
LOAD = (("load", ""), gettext_noop("Load the data beside the live database"))
KEYS = (("keys",), gettext_noop("Put keys and relations in place"))
CODE = (("code",), gettext_noop("Put views, triggers and procedures in place"))
WORKS = (("prove_works",), gettext_noop("Try whether everything works"))
EQUAL = (("prove_equal",), gettext_noop("Compare the contents with the archive"))
# Where the database is gone, nothing runs that it could stand beside.
LOAD_ALONE = (LOAD[0], gettext_noop("Load the data into a database of its own"))
SWAP = (("swap",), gettext_noop("Change over to the restored data"))
BACK = (("swap",), gettext_noop("Change back to the previous data"))
QUARANTINE = (("quarantine", ""), gettext_noop("Start a server that is shut off from everything"))
TAKE_IN = (("take_in", "inventory"), gettext_noop("Load the dump there, statement by statement"))
DROP = (("drop",), gettext_noop("Remove the trial copy"))

STEPS: dict[Kind, tuple[Stage, ...]] = {
    Job.Kind.BACKUP: (SNAPSHOT, COPY, SEAL, READ_BACK),
    Job.Kind.COPY: (SEND, READ_THERE),
    Job.Kind.VERIFY: (CHECK,),
    Job.Kind.DRILL: (LOAD, KEYS, CODE, WORKS, EQUAL, DROP),
    Job.Kind.RESTORE: (LOAD, KEYS, CODE, WORKS, EQUAL, SWAP),
    Job.Kind.UNDO: (BACK,),
    Job.Kind.PRUNE: (),
    Job.Kind.INSPECT: (QUARANTINE, TAKE_IN, WORKS),
    Job.Kind.ADOPT: (QUARANTINE, TAKE_IN, WORKS, COPY, SEAL, READ_BACK),
}


def stages_of(job: Job, *, brings_back: bool) -> tuple[Stage, ...]:
    """`brings_back`: the database that it restores is not there."""
    plan = _with_files(job, STEPS[Job.Kind(job.kind)])
    if brings_back:
        plan = tuple(LOAD_ALONE if stage == LOAD else stage for stage in plan)
    if job.options.get("safety_backup") and not _apart(job):
        plan = (SAFETY, *plan)
    return plan


def _apart(job: Job) -> bool:
    """What goes to another place needs no safety backup."""
    return bool(job.options.get("target") or job.options.get("into") or job.options.get("beside"))


def _with_files(job: Job, plan: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Folders of files are copied after the rows, and unpacked before them."""
    if job.kind == Job.Kind.BACKUP and folders.configured() and job.options.get("content") != "database":
        return (COPY_FILES, *plan[2:]) if job.options.get("content") == "files" else (
            *plan[:2], COPY_FILES, *plan[2:]
        )  # fmt: skip
    if job.options.get("into"):
        return (UNPACK_APART,)
    if job.kind == Job.Kind.RESTORE and job.options.get("scope") in (folders.FILES, folders.EVERYTHING):
        return (UNPACK, SWAP) if job.options["scope"] == folders.FILES else (UNPACK, *plan)
    return plan
