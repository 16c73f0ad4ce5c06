"""One look at one storage: what lies there goes into the index, and how the storage was is noted."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import (
    BackupError,
    FormatUnknown,
    SealBroken,
    SignerRevoked,
    SignerUnknown,
    StorageFailed,
)
from backups.engine.pipeline import Listed, Source
from backups.engine.pipeline.in_turn import ANOTHER
from backups.engine.pipeline.names import archive_of, earlier_names
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy, StorageState

from . import absence, copy_rows, keys, pin_notes, policy_notes, retained, storages
from .index_row import from_manifest, from_seal, keys_of

log = logging.getLogger(__name__)

# When the storages were last listed, by whichever process.
LOOKED = "catalogue-looked"
# What was wrong with this panel, its keys or its age, and not with the archive.
NOT_OF_THE_FILE = {FormatUnknown.code, SignerUnknown.code, SignerRevoked.code}


def look_soon() -> None:
    """Not in some minutes, as the clock is used to, but at its next beat."""
    cache.delete(LOOKED)


def look_at(storage: ArchiveStorage, *, quick: bool) -> list[Archive]:
    """Returns the archives that the index did not know. A storage that cannot be listed says nothing.

    `quick`: a copy that is known to be whole, and as large as it was, is not opened.
    """
    try:
        storages.refuse_vanished(storage)
        known = _known_whole(storage) if quick else frozenset()
        lying = storage.names()
        listing = pipeline.list_archives(storage, lying, trusted=keys.trusted(), known=known)
        imported = _index_all(storage, listing)
        # Before anybody decides what goes: what was pinned is known from here on.
        pin_notes.take(storage, [stored.name for stored in lying])
        policy_notes.take(storage, [stored.name for stored in lying])
        absence.note_absent(storage, {listed.name for listed in listing})
        _refuse_unread(listing)
    except BackupError as error:
        _note_problem_of(storage, error)
        raise
    _note_listed(storage)
    return imported


def take_up(storage: ArchiveStorage, name: str) -> None:
    """One archive whose name is known goes into the index, whatever else lies there."""
    listed = pipeline.list_one(storage, name, trusted=keys.trusted())
    _refuse_unread([listed])
    imported = _index_all(storage, [listed])
    for archive in imported:
        copy_rows.judge_one(archive.pk)


def _refuse_unread(listing: Iterable[Listed]) -> None:
    """A seal that could not be read at this moment says nothing of its archive, only of the storage."""
    for listed in listing:
        if isinstance(listed.problem, StorageFailed):
            raise listed.problem


def _known_whole(storage: ArchiveStorage) -> frozenset[tuple[str, int]]:
    whole = Copy.objects.filter(storage=storage.name, state=Copy.State.WHOLE)
    return frozenset(whole.values_list("name", "bytes"))


def _note_problem_of(storage: ArchiveStorage, error: BackupError) -> None:
    state, _ = StorageState.objects.get_or_create(storage=storage.name)
    if state.problem_code != error.code:
        log.warning("the storage %s was not listed: %s", storage.name, error)
        state.problem_since = timezone.now()
    state.problem_code, state.problem_params = error.code, dict(error.params)
    state.save(update_fields=["problem_code", "problem_params", "problem_since"])


def _note_listed(storage: ArchiveStorage) -> None:
    well = {"listed_at": timezone.now(), "problem_code": "", "problem_params": {}, "problem_since": None}
    StorageState.objects.update_or_create(storage=storage.name, defaults=well)


def _index_all(storage: ArchiveStorage, listing: Iterable[Listed]) -> list[Archive]:
    """A damaged copy that cannot be removed lies beside the good one: of those the good one counts."""
    imported = []
    known = {copy.archive_id: copy for copy in Copy.objects.filter(storage=storage.name)}
    for archive, found in groupby(sorted(listing, key=_archive_of), key=_archive_of):
        chosen = _chosen(list(found), known.get(archive))
        if new := _index(storage, chosen):
            imported.append(new)
    return imported


def _archive_of(listed: Listed) -> str:
    return archive_of(listed.name)


def _chosen(found: list[Listed], known: Copy | None) -> Listed:
    def rank(listed: Listed) -> tuple[bool, bool, int]:
        ours = known is not None and known.name == listed.name
        spoiled = ours and known is not None and known.state == Copy.State.DAMAGED
        return listed.problem is None and not spoiled, ours, sum(1 for _ in earlier_names(listed.name))

    return max(found, key=rank)


def _index(storage: ArchiveStorage, listed: Listed) -> Archive | None:
    if listed.problem is not None and not isinstance(listed.problem, StorageFailed):
        _note_damage(storage, listed, listed.problem)
    if listed.seal is None:
        return None
    seal, new = listed.seal, None
    archive = Archive.with_pruned.filter(pk=seal.archive).first()
    known = archive.copies.filter(storage=storage.name, name=listed.name).first() if archive else None
    if known is None and not storage.exists(listed.name):
        # It went while the list was read.
        return None
    details = _details(storage, listed.name, seal) if archive is None else {}
    lock = {} if known else {"retained_until": retained.until(storage, listed.name)}
    with transaction.atomic():
        if archive is None:
            told = {**from_seal(seal, size=listed.bytes), **details}
            # Somebody else may have listed it meanwhile, and knows more.
            archive, made = Archive.with_pruned.get_or_create(id=seal.archive, defaults=told)
            new = archive if made else None
        elif archive.pruned_at:
            # It was to be dropped, and is still there: what a storage holds is listed.
            Archive.with_pruned.filter(pk=archive.pk).update(pruned_at=None)
        if not archive.signer and archive.seal_digest == seal.digest:
            # Listed before it was remembered whose keys it goes by.
            Archive.with_pruned.filter(pk=archive.pk).update(**keys_of(seal))
        _note_lying(archive, storage, listed, seal, lock)
    return new


def _note_lying(
    archive: Archive, storage: ArchiveStorage, listed: Listed, seal: Seal, lock: dict[str, Any]
) -> None:
    known = archive.copies.filter(storage=storage.name).first()
    if archive.seal_digest and seal.digest != archive.seal_digest:
        # Which of two is the true one only a full check can say (services/verify.py); until then the one
        # that was known first is it.
        copy_rows.note_copy(archive, storage, listed.name, bytes=listed.bytes)
        problem = SealBroken(archive=archive.pk, what=ANOTHER)
        copy_rows.mark_damaged(archive, storage=storage.name, problem=problem)
    elif _is_known_damaged(known, listed.name):
        copy_rows.note_copy(archive, storage, listed.name, bytes=listed.bytes)
    else:
        values: dict[str, Any] = {**copy_rows.NOTHING_WRONG, **lock, "bytes": listed.bytes}
        if known and known.name != listed.name:
            values |= {"sha256": "", "read_at": None, "arrived_at": timezone.now()}
        copy_rows.note_copy(archive, storage, listed.name, **values)


def _is_known_damaged(known: Copy | None, name: str) -> bool:
    """Listing reads seals only: what was found damaged stays so, until a full check says otherwise."""
    return (
        known is not None
        and known.name == name
        and known.state == Copy.State.DAMAGED
        and known.problem_code not in NOT_OF_THE_FILE
    )


def _details(storage: ArchiveStorage, name: str, seal: Seal) -> dict[str, Any]:
    """What only the encrypted manifest says, where this host can open it."""
    if not keys.can_open():
        return {}
    try:
        manifest = pipeline.read_manifest(Source(storage, name, seal.archive, keys.to_open()))
    except BackupError as error:
        log.warning("the manifest of %s was not read: %s", seal.archive, error)
        return {}
    return from_manifest(manifest)


def _note_damage(storage: ArchiveStorage, listed: Listed, problem: BackupError) -> None:
    copy = Copy.objects.filter(storage=storage.name, name=listed.name).select_related("archive").first()
    log.warning("%s: %s", listed.name, problem)
    if copy and copy.is_lying:
        copy_rows.mark_damaged(copy.archive, storage=storage.name, problem=problem)
