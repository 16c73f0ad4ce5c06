"""An archive is changed where it lies, or the wrong key is brought to it: nothing of it is ever believed."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from pytest_django import Settings

from backups.engine.errors import BackupError
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.storage import LocalStorage
from backups.engine.stream import Silent
from backups.models import Archive, Copy, Proof
from backups.services import storages
from backups.services.verify import check_at
from tests.faults import harm, rule
from tests.faults.doing import asked, backed_up, ended
from tests.faults.harm import HARMS, Files
from tests.faults.rule import Before, Panel

SECTION = "The archive"
REFUSED = {"archive_damaged", "seal_broken", "signer_unknown"}


WHAT = {
    "cut off": "An archive is cut off at 20 places",
    "one bit": "A bit is flipped in each member of an archive and its header, in the directory, in the seal",
    "members swapped": "Two members of an archive are swapped, their places or what is in them",
    "a member dropped": "Any one member of an archive is left out, in a ZIP that is right otherwise",
    "a member twice": "Any one member of an archive is there twice",
    "a member of another": "Any one member of an archive is that of another backup of ours",
    "an older one": "An older archive of ours lies in the place of the newest: its body, its seal, both",
    "another signer": "An archive is signed by another key, and right otherwise",
}


def marked(name: str) -> pytest.MarkDecorator:
    return pytest.mark.fault(
        what=WHAT[name],
        rule="refused by a check, a drill and a restore; marked damaged, whole again when put right",
    )


def local() -> LocalStorage:
    storage = storages.first()
    assert isinstance(storage, LocalStorage)
    return storage


def files_of(archive: Archive) -> Files:
    name = archive.copies.get().name
    return harm.read(local(), name, name + SIDECAR)


def code_of_a_check(archive: Archive) -> str:
    """What a look at each byte says, on the pages too."""
    with pytest.raises(BackupError) as refused:
        check_at(archive, local(), archive.copies.get().name, deep=False, progress=Silent())
    return refused.value.code


def outcome(kind: str, panel: Panel, archive: Archive) -> str:
    """The code with which it was refused, at once or by the worker."""
    try:
        return ended(asked(kind, panel, archive)).error_code
    except BackupError as error:
        return error.code


@pytest.mark.parametrize("harmed", [pytest.param(name, marks=marked(name)) for name in WHAT])
def test_changed(panel: Panel, archive: Archive, harmed: str) -> None:
    # So that the newer one differs from it in its rows.
    panel.database.run("UPDATE tiket SET plat = 'BP 9 Z'")
    newest = backed_up(panel)
    files, name = files_of(newest), newest.copies.get().name
    for changed in HARMS[harmed](files, files_of(archive)):
        assert changed != files
        harm.write(local(), name, name + SIDECAR, changed)
        assert code_of_a_check(newest) in REFUSED
    assert {outcome(kind, panel, newest) for kind in ("drill", "restore", "verify")} <= REFUSED
    newest.refresh_from_db()
    assert newest.state == Archive.State.DAMAGED
    before = rule.look(panel)
    rule.holds(panel, before, spoilt={newest.pk})
    harm.write(local(), name, name + SIDECAR, files)
    assert outcome("verify", panel, newest) == ""
    newest.refresh_from_db()
    assert newest.state == Archive.State.WHOLE


@pytest.mark.fault(
    what="The key of this machine is not one that the archive was made for",
    rule="said so by a deep check, a drill and a restore; the archive is not called damaged",
)
def test_wrong_key(
    panel: Panel, archive: Archive, before: Before, settings: Settings, tmp_path: Path
) -> None:
    right, another = settings.BACKUP_IDENTITY_FILE, tmp_path / "another.key"
    another.write_text(str(pyrage.x25519.Identity.generate()))
    another.chmod(0o600)
    settings.BACKUP_IDENTITY_FILE = str(another)
    proofs = Proof.objects.count()
    assert {outcome(kind, panel, archive) for kind in ("verify", "drill", "restore")} == {"identity_wrong"}
    assert Copy.objects.get(archive=archive).state == Copy.State.WHOLE
    assert Proof.objects.count() == proofs
    settings.BACKUP_IDENTITY_FILE = right
    rule.holds(panel, before)
