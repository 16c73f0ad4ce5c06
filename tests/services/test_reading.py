"""Whatever is wrong with one copy, the archive is read from the next; what was wrong is noted on the copy."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from backups.engine import seal as seals
from backups.engine.archive import ArchiveWriter
from backups.engine.database import one, session
from backups.engine.errors import (
    ArchiveDamaged,
    ArchiveUnknown,
    EveryCopyFailed,
    NoCopyAnswers,
    StorageFailed,
)
from backups.engine.pipeline import handed_out
from backups.engine.storage import _Reading
from backups.engine.stream import Silent
from backups.models import Archive, AuditEvent, Copy, Job
from backups.services import keys, preflight, preview, reading, storages, work
from backups.services.copies import ask_for_what_is_due
from backups.services.download import open_download, save_download
from backups.services.export import open_export
from backups.services.restore import request_restore
from backups.services.verify import request_verify
from backups.services.wording import sentence_for
from tests.scratch import ScratchDatabase
from tests.services.broken_copies import HARMS, Harm, flipped_at, gone, truncated_at
from tests.services.copying import backed_up, copied, copy_at, flip, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(archive: Archive, storage: str = "local") -> Path:
    return Path(copy_at(archive, storage).location)


@pytest.fixture(params=HARMS)
def harmed(request: pytest.FixtureRequest, two: Archive) -> Archive:
    """The first copy is broken in one of the ways; the second one is whole."""
    HARMS[request.param](path_of(two))
    return two


def downloaded(archive: Archive) -> bytes:
    return b"".join(open_download(archive, by=None))


def test_a_download_is_the_archive_whatever_became_of_its_first_copy(harmed: Archive) -> None:
    assert downloaded(harmed) == path_of(harmed, "nas").read_bytes()
    assert AuditEvent.objects.get(action="download_end").outcome == "ok"


def test_a_restore_goes_on_from_the_next_copy(harmed: Archive, parking: ScratchDatabase) -> None:
    parking.run("DELETE FROM tiket")
    done = work.run_here(request_restore(harmed, requested_by=None, trigger="command"))
    assert rows_of(parking) == 3
    assert done.result["swap_ms"] is not None
    # Where the harm is in a part that nobody read, nobody was told of it.
    assert {line["storage"] for line in done.result.get("passed_over", [])} <= {"local"}


def rows_of(parking: ScratchDatabase) -> int:
    with session(parking.server) as connection:
        return int(one(connection, f"SELECT COUNT(*) FROM {parking.name}.tiket")[0])


def test_all_that_only_looks_into_an_archive_does_so_too(harmed: Archive) -> None:
    Archive.objects.update(table_rows=[])
    assert {row.table for row in preview.preview_restore(harmed).rows} == {"mall", "tiket", "zona"}
    seen = preview.scope_preview(harmed, ["tiket"])
    assert (seen.error_code, seen.tables) == ("", ("tiket",))
    assert preflight.preflight(harmed).may_go
    text = gzip.decompress(b"".join(open_export(harmed, tables=None, by=None)))
    assert b"CREATE TABLE `tiket`" in text


def flipped_row(path: Path) -> None:
    """In the rows of one table: every restore reads them."""
    with zipfile.ZipFile(path) as archive:
        rows = next(info for info in archive.infolist() if "tiket" in info.filename)
    flip(path, rows.header_offset + 200)


@pytest.mark.parametrize("harm", [truncated_at(50), flipped_row])
def test_what_was_damaged_is_noted_told_and_made_anew(two: Archive, harm: Harm) -> None:
    harm(path_of(two))
    # A safety backup looks at the storages, which alone would find what is cut off.
    asked = request_restore(two, requested_by=None, trigger="command", safety_backup=False)
    done = work.run_here(asked)
    (told,) = done.result["passed_over"]
    assert (told["storage"], told["code"]) == ("local", "archive_damaged")
    two.refresh_from_db()
    assert (two.state, copy_at(two, "local").state, copy_at(two).state) == ("whole", "damaged", "whole")
    assert AuditEvent.objects.get(action="copy_damaged").details["storage"] == "local"
    (repair,) = ask_for_what_is_due()
    assert work.run_here(repair).result["repaired"]
    assert copy_at(two, "local").state == "whole"
    assert downloaded(two) == path_of(two).read_bytes()


def test_a_copy_that_is_gone_is_noted_by_what_its_storage_lists(two: Archive) -> None:
    gone(path_of(two))
    assert downloaded(two) == path_of(two, "nas").read_bytes()
    assert (copy_at(two, "local").state, copy_at(two).state) == ("missing", "whole")
    assert AuditEvent.objects.filter(action="storage_lost").count() == 1


def test_an_empty_folder_below_an_unmounted_disk_is_not_believed_at_once(nas: Path) -> None:
    made = [backed_up() for _ in range(3)]
    for archive in made:
        copied(archive)
        gone(path_of(archive))
    assert downloaded(made[0]) == path_of(made[0], "nas").read_bytes()
    assert copy_at(made[0], "local").state == "whole"
    assert not AuditEvent.objects.filter(action="storage_lost").exists()


@pytest.mark.parametrize("percent", [10, 50, 90])
def test_a_storage_that_fails_in_the_middle_is_left_for_the_next(
    two: Archive, monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    failing_from(monkeypatch, "local", path_of(two).stat().st_size * percent // 100)
    assert downloaded(two) == path_of(two, "nas").read_bytes()
    row = copy_at(two, "local")
    # That its disk could not be read says nothing of its bytes.
    assert (row.state, row.unread_code) == ("whole", "storage_failed")
    assert row.unread_at is not None
    assert AuditEvent.objects.get(action="copy_unread").details["storage"] == "local"
    # Whoever reads next begins where it worked.
    assert [storage.name for storage, _ in storages.in_turn(two)] == ["nas", "local"]
    monkeypatch.undo()
    work.run_here(request_verify(two, requested_by=None, trigger="command"))
    row = copy_at(two, "local")
    assert (row.unread_at, row.unread_code) == (None, "")


def failing_from(monkeypatch: pytest.MonkeyPatch, storage: str, position: int) -> None:
    """The disk of a storage gives nothing behind this place, as one with a bad block."""
    real = _Reading.readinto

    def readinto(self: _Reading, buffer: Any) -> int:
        if self._storage == storage and self.tell() + len(buffer) > position:
            raise StorageFailed(storage=storage, reason="Input/output error")
        return real(self, buffer)

    monkeypatch.setattr(_Reading, "readinto", readinto)


def test_a_download_that_began_goes_on_at_the_same_place(two: Archive) -> None:
    blocks = iter(open_download(two, by=None))
    head = b"".join(next(blocks) for _ in range(8))
    flip(path_of(two), len(head) + 200)
    truncated_at(60)(path_of(two))
    assert head + b"".join(blocks) == path_of(two, "nas").read_bytes()


def test_a_download_that_no_copy_goes_on_with_ends_broken_and_never_spliced(two: Archive) -> None:
    original = path_of(two).read_bytes()
    for storage in ("local", "nas"):
        flipped_row(path_of(two, storage))
    opened, blocks = open_download(two, by=None), []
    with pytest.raises(EveryCopyFailed):
        blocks.extend(opened)
    got = b"".join(blocks)
    assert 0 < len(got) < len(original) == opened.size
    assert original.startswith(got)
    assert AuditEvent.objects.get(action="download_end").outcome == "failed"


def test_where_no_copy_is_whole_both_are_named(
    two: Archive, parking: ScratchDatabase, tmp_path: Path
) -> None:
    flipped_row(path_of(two))
    truncated_at(50)(path_of(two, "nas"))
    with pytest.raises(EveryCopyFailed, match="local, nas") as failed:
        work.run_here(request_restore(two, requested_by=None, trigger="command", safety_backup=False))
    assert failed.value.status == 3
    job = Job.objects.get(kind="restore")
    assert [line["storage"] for line in job.result["passed_over"]] == ["local", "nas"]
    assert "local, nas" in sentence_for(job.error_code, job.error_params)
    assert rows_of(parking) == 3
    two.refresh_from_db()
    assert (two.state, copy_at(two, "local").state, copy_at(two).state) == ("damaged", "damaged", "damaged")
    with pytest.raises(ArchiveDamaged):
        save_download(two, tmp_path / "got.zip", by=None, progress=Silent())
    assert not (tmp_path / "got.zip").exists()


def test_where_no_storage_answers_nothing_is_called_damaged(
    two: Archive, nas: Path, archives_in: Path
) -> None:
    for root in (nas, archives_in):
        root.rename(root.with_name(root.name + " away"))
    with pytest.raises(NoCopyAnswers, match="local, nas") as failed:
        work.run_here(request_restore(two, requested_by=None, trigger="command", safety_backup=False))
    assert (failed.value.status, isinstance(failed.value, StorageFailed)) == (1, True)
    assert {copy.state for copy in Copy.objects.all()} == {"whole"}


def test_a_copy_that_is_only_away_is_waited_for_although_the_other_is_damaged(
    two: Archive, nas: Path
) -> None:
    truncated_at(50)(path_of(two))
    nas.rename(nas.with_name("away"))
    with pytest.raises(NoCopyAnswers, match=r"local, nas.*mounted"):
        open_download(two, by=None)
    assert (copy_at(two, "local").state, copy_at(two).state) == ("damaged", "whole")


def test_what_is_nowhere_is_unknown(two: Archive) -> None:
    gone(path_of(two))
    gone(path_of(two, "nas"))
    with pytest.raises(ArchiveUnknown, match=two.pk):
        open_download(two, by=None)
    assert {copy.state for copy in Copy.objects.all()} == {"missing"}


def test_another_archive_under_its_name_is_refused_by_its_seal(two: Archive) -> None:
    """An older one, whole and ours, replayed as the newest: with its seal beside it, and without."""
    original = path_of(two).read_bytes()
    newer = backed_up()
    copied(newer)
    for sidecar in ("", ".seal.json"):
        old, new = (path_of(archive) for archive in (two, newer))
        new.with_name(new.name + sidecar).write_bytes(old.with_name(old.name + sidecar).read_bytes())
        assert downloaded(newer) == path_of(newer, "nas").read_bytes() != original
        row = copy_at(newer, "local")
        assert (row.state, row.problem_code) == ("damaged", "seal_broken")
        Copy.objects.filter(pk=row.pk).update(state="whole")


def test_a_good_seal_of_the_same_id_is_not_enough(two: Archive) -> None:
    """The same archive sealed anew by our own key: not what the panel knows under this name."""
    name = path_of(two).name
    seal = path_of(two).with_name(name + ".seal.json")
    signing = keys.signing()
    assert signing is not None
    known = seals.read(seal.read_bytes(), archive=two.pk, trusted=keys.trusted())
    forged = seals.write(replace(known, sequence=known.sequence + 5), signing)
    with handed_out(reading.source(two, keys.to_check())) as whole:
        members = b"".join(whole.blocks)
    sink = io.BytesIO()
    writer = ArchiveWriter(sink, known.created)
    with zipfile.ZipFile(io.BytesIO(members)) as old:
        for member in known.members:
            writer.add(member.name, old.read(member.name))
    writer.add("seal.json", forged)
    writer.close()
    path_of(two).write_bytes(sink.getvalue())
    seal.write_bytes(forged)
    assert downloaded(two) == path_of(two, "nas").read_bytes()
    assert copy_at(two, "local").problem_params["what"] == "another archive has the same id"


def test_several_sessions_read_on_together(
    two: Archive, parking: ScratchDatabase, settings: Settings
) -> None:
    settings.DUMP_CONNECTIONS = 3
    flipped_row(path_of(two))
    parking.run("DELETE FROM tiket")
    work.run_here(request_restore(two, requested_by=None, trigger="command"))
    assert rows_of(parking) == 3
    assert copy_at(two, "local").state == "damaged"


def test_a_verification_looks_at_every_copy_also_beyond_a_storage_that_is_away(
    two: Archive, archives_in: Path
) -> None:
    archives_in.rename(archives_in.with_name("away"))
    flipped_at(50)(path_of(two, "nas"))
    with pytest.raises(ArchiveDamaged):
        work.run_here(request_verify(two, requested_by=None, trigger="command"))
    told = {line["storage"]: line.get("code") for line in Job.objects.get(kind="verify").result["copies"]}
    assert told == {"local": "storage_failed", "nas": "archive_damaged"}
    assert (copy_at(two, "local").state, copy_at(two).state) == ("whole", "damaged")


def test_one_copy_can_be_read_whole_from_the_command_line(two: Archive, capsys: Any) -> None:
    flipped_at(50)(path_of(two, "nas"))
    before = copy_at(two, "nas").read_at
    call_command("verify", two.pk, "--storage", "local", "--json")
    assert json.loads(capsys.readouterr().out)["copies"] == [{"storage": "local", "ok": True}]
    # The other one was not looked at.
    assert (copy_at(two, "nas").state, copy_at(two, "nas").read_at) == ("whole", before)
    with pytest.raises(ArchiveDamaged):
        call_command("verify", two.pk, "--storage", "nas")
    assert copy_at(two, "nas").state == "damaged"
