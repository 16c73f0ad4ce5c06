"""What a storage still has to allow, as its owner can type it: a bucket's policy, or a folder's owner."""

from __future__ import annotations

import errno
import getpass
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from backups.engine.errors import DeleteRefused, ListRefused, StorageRefused
from backups.engine.storage import ArchiveStorage
from backups.models import AuditEvent, User
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Place

from . import audit, storage_test, storages
from .storage_test import DELETE, LIST, LOCK, READ, WRITE, Step, Tested

# What S3 calls it: on what lies below the prefix, and on the bucket itself.
ON_OBJECTS = {
    WRITE: ("s3:PutObject", "s3:AbortMultipartUpload"),
    READ: ("s3:GetObject",),
    DELETE: ("s3:DeleteObject",),
    LOCK: ("s3:PutObjectRetention", "s3:GetObjectRetention"),
}
ON_BUCKET = {
    LIST: ("s3:ListBucket", "s3:ListBucketMultipartUploads"),
    LOCK: ("s3:GetBucketObjectLockConfiguration",),
}
# Each name of an error, before that of which it is a kind.
RIGHTS = {ListRefused.code: LIST, DeleteRefused.code: DELETE}
FOLDER_REFUSES = {os.strerror(errno.EACCES), os.strerror(errno.EPERM)}


@dataclass(frozen=True, slots=True)
class Needs:
    """`rights` and `policy` of a bucket, `command` of a folder; all empty where no right is missing."""

    rights: tuple[str, ...] = ()
    policy: str = ""
    command: str = ""


def tested(storage: ArchiveStorage) -> Tested:
    """The test, with the lock where the settings ask for one."""
    place = place_of(storage.name)
    return storage_test.run_test(storage, locks=isinstance(place, Bucket) and place.retain_days > 0)


def try_out(name: str, *, by: User | None, address: str = "") -> Tested:
    """On the record, since a probe is written there."""
    storage = storages.named(name)
    if storage is None:
        raise storages.unknown(name)
    done = tested(storage)
    told = {"storage": name, "missing": [step.name for step in done.missing]}
    outcome = AuditEvent.Outcome.OK if done.enough else AuditEvent.Outcome.FAILED
    audit.record("test_storage", actor=by, outcome=outcome, address=address, details=told)
    return done


def needs(done: Tested) -> Needs:
    place = place_of(done.storage)
    if isinstance(place, Bucket):
        lacking = dict.fromkeys(right for step in done.missing if (right := _right(step)))
        return _policy(place, lacking) if lacking else Needs()
    if any(_is_refused_folder(step) for step in done.missing):
        folder = getattr(place, "root", "") or settings.BACKUP_LOCAL_ROOT
        return Needs(command=f"sudo chown -R {getpass.getuser()} {folder} && sudo chmod 700 {folder}")
    return Needs()


def place_of(name: str) -> Place | None:
    return next((place for place in settings.BACKUP_STORAGES if place.name == name), None)


def _right(step: Step) -> str:
    """By what was refused and not by the step: to write is also to look at what was written."""
    problem = step.problem
    if step.name == LOCK and problem is not None:
        return LOCK
    if not isinstance(problem, StorageRefused):
        return ""
    told = READ if problem.params.get("reason") == "it may not read" else WRITE
    return RIGHTS.get(problem.code, told)


def _policy(place: Bucket, lacking: Iterable[str]) -> Needs:
    lacking = list(lacking)
    bucket = f"arn:aws:s3:::{place.bucket}"
    objects = [right for one in lacking for right in ON_OBJECTS.get(one, ())]
    whole = [right for one in lacking for right in ON_BUCKET.get(one, ())]
    wanted = ((objects, f"{bucket}/{place.prefix}*"), (whole, bucket))
    statements = [
        {"Effect": "Allow", "Action": rights, "Resource": resource} for rights, resource in wanted if rights
    ]
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
    return Needs(rights=(*objects, *whole), policy=text)


def _is_refused_folder(step: Step) -> bool:
    return step.problem is not None and step.problem.params.get("reason") in FOLDER_REFUSES
