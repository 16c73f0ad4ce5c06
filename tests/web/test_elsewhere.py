"""Dari tempat lain: brought in the browser, looked at by a worker, told in plain words."""

from __future__ import annotations

import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backups.engine.errors import Cancelled
from backups.engine.seal import Seal, SigningKey, new_signing_key, signer_fingerprint, write
from backups.models import AuditEvent, Job
from backups.services import incoming, uploads
from backups.templatetags.lost import WHY, lost_words
from tests.engine.zips import all_directory
from tests.web import factories

pytestmark = pytest.mark.django_db

FOUND = {
    "file": "lama.sql", "loads": False, "line": 953, "error": "1050: Table 'riwayat_tarif' already exists",
    "cut_off": False, "tables": 30, "rows": 120, "triggers": 25, "views": 0, "routines": 0, "events": 0,
    "lost_count": 1, "left_out_count": 1, "adopted": None, "findings": [factories.KNOWN],
    "lost": [{"line": 953, "kind": "table", "name": "riwayat_tarif", "errno": 1050, "message": "<b>exists"}],
    "left_out": [{"line": 7, "kind": "statement", "name": "GRANT", "errno": 0, "message": ""}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOAD_FOLDER = str(tmp_path / "uploads")
    settings.BACKUP_LOCAL_ROOT = str(tmp_path / "archives")
    return tmp_path / "uploads"


def test_a_dump_is_kept_privately_and_handed_to_a_worker(superadmin: Client, folder: Path) -> None:
    answer = superadmin.post(
        reverse("elsewhere"), {"file": _file("../../lama.sql", b"CREATE TABLE a (b INT);")}
    )
    job = Job.objects.get()
    assert answer["Location"] == reverse("job", args=[job.pk])
    assert (job.kind, job.options["name"], job.writes) == ("inspect", "lama.sql", False)
    kept = Path(job.options["file"])
    assert kept.read_bytes() == b"CREATE TABLE a (b INT);"
    assert kept.is_relative_to(folder)
    assert kept.stat().st_mode & 0o077 == 0
    assert AuditEvent.objects.filter(action="request_inspect").exists()


def test_what_was_found_is_told_in_plain_words_with_a_way_on(superadmin: Client) -> None:
    job = factories.job("inspect", Job.State.DONE, result=FOUND, options={"name": "lama.sql", "file": "/x"})
    page = superadmin.get(reverse("job", args=[job.pk])).content.decode()
    assert "953" in page
    assert "riwayat_tarif" in page
    assert "<b>exists" not in page
    assert reverse("elsewhere-adopt", args=[job.pk]) in page


def test_what_was_lost_is_said_in_the_readers_words_and_the_servers_stand_beside(superadmin: Client) -> None:
    job = factories.job("inspect", Job.State.DONE, result=FOUND, options={"name": "lama.sql", "file": "/x"})
    page = superadmin.get(reverse("job", args=[job.pk])).content.decode()
    assert "Dibuat untuk kedua kalinya" in page
    assert "(1050)" in page
    assert "tidak bisa dimuat utuh" in superadmin.get(reverse("elsewhere")).content.decode()


@pytest.mark.parametrize("errno", WHY)
def test_every_reason_has_its_words_with_or_without_a_name(errno: int) -> None:
    for message in ("Unknown column 'a' in 'field list'", "no name in here"):
        told = lost_words({"errno": errno, "message": message})
        assert told
        assert "%" not in told


def test_taking_over_needs_the_file_that_was_looked_at(superadmin: Client, tmp_path: Path) -> None:
    gone = factories.job("inspect", Job.State.DONE, result=FOUND, options={"name": "a.sql", "file": "/no"})
    assert superadmin.post(reverse("elsewhere-adopt", args=[gone.pk])).status_code == 409
    (tmp_path / "a.sql").write_text("x")
    options = {"name": "a.sql", "file": str(tmp_path / "a.sql")}
    there = factories.job("inspect", Job.State.DONE, result=FOUND, options=options)
    superadmin.post(reverse("elsewhere-adopt", args=[there.pk]))
    assert Job.objects.get(kind="adopt").options == options


def test_what_passes_for_an_archive_of_ours_and_is_none_is_refused_by_name(
    superadmin: Client, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("seal.json", "{}")
    name = "qparkin-20261123T020000Z-00000000.zip"
    answer = superadmin.post(reverse("elsewhere"), {"file": _file(name, path.read_bytes())})
    assert answer.status_code == 409
    assert "id_file_error" in answer.content.decode()
    assert "belum dikenal versi ini" in answer.content.decode()
    assert 'type="file"' in answer.content.decode()
    assert not Job.objects.exists()
    assert list(folder.iterdir()) == []


def test_an_archive_that_somebody_else_signed_is_refused_with_the_way_to_trust_him(
    superadmin: Client, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "stranger.pem").write_bytes(new_signing_key())
    stranger = SigningKey.load(tmp_path / "stranger.pem")
    answer = superadmin.post(reverse("elsewhere"), {"file": _signed_by(stranger, tmp_path)})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "BACKUP_TRUSTED_SIGNERS" in page
    assert signer_fingerprint(stranger.public) in page
    assert list(folder.iterdir()) == []


def test_a_zip_that_is_all_directory_costs_the_web_process_no_memory(
    superadmin: Client, tmp_path: Path
) -> None:
    path = all_directory(tmp_path / "x.zip", 200 * 1024**2)
    tracemalloc.start()
    with path.open("rb") as file:
        uploads.take_upload(
            iter(lambda: file.read(2**20), b""), name="x.zip", by=factories.superadmin("b@q.id"), address=""
        )
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 * 1024**2
    assert Job.objects.get().kind == "inspect"


def test_nobody_else_leaves_a_file_here(mall_admin: Client, client: Client, folder: Path) -> None:
    for somebody in (mall_admin, client):
        somebody.post(reverse("elsewhere"), {"file": _file("a.sql", b"x" * 5_000_000)})
    assert not folder.exists() or list(folder.iterdir()) == []
    assert not Job.objects.exists()


def test_a_page_that_takes_no_file_lets_none_onto_the_disk(superadmin: Client, folder: Path) -> None:
    """A few pages answer whoever has only the password yet."""
    superadmin.post(reverse("language"), {"language": "en", "file": _file("a.sql", b"x" * 5_000_000)})
    assert not folder.exists()


def test_what_is_too_large_is_not_taken(superadmin: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    superadmin.post(reverse("elsewhere"), {"file": _file("a.sql", b"x" * 5000)})
    assert not Job.objects.exists()


def test_uploads_are_swept_after_a_day_unless_somebody_works_with_them(
    superadmin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.sql", "b.sql"):
        superadmin.post(reverse("elsewhere"), {"file": _file(name, b"x")})
    done, waiting = Job.objects.all()
    Job.objects.filter(pk=done.pk).update(state=Job.State.DONE)
    monkeypatch.setattr(uploads.time, "time", lambda: 4e9)
    uploads.sweep()
    assert not Path(done.options["file"]).exists()
    assert Path(waiting.options["file"]).exists()


def test_what_comes_in_goes_straight_into_the_folder_that_is_swept(
    superadmin: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's temporary folder may be memory, and a kill in the middle would leave a dump there."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "nowhere"))
    superadmin.post(reverse("elsewhere"), {"file": _file("a.sql", b"x")})
    assert Job.objects.get().options["name"] == "a.sql"
    half = folder / "half"
    half.write_bytes(b"x")
    monkeypatch.setattr(uploads.time, "time", lambda: 4e9)
    uploads.sweep()
    assert not half.exists()


def test_a_name_that_no_file_can_have_is_cut_short(superadmin: Client, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("seal.json", "{}")
    answer = superadmin.post(reverse("elsewhere"), {"file": _file("ñ" * 190 + ".zip", path.read_bytes())})
    assert answer.status_code == 409
    assert list(folder.iterdir()) == []


def _signed_by(signer: SigningKey, folder: Path) -> SimpleUploadedFile:
    name = "20261123T031500Z-ab12cd34"
    when = datetime(2026, 11, 23, 3, 15, tzinfo=UTC)
    seal = Seal(1, name, "qparkin", 1, "", when, "manual", ("database",), (), signer.public, ())
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("seal.json", write(seal, signer))
    return _file(f"qparkin-{name}.zip", (folder / "x.zip").read_bytes())


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(("kept", "left"), [(True, 1), (False, 0)])
def test_an_upload_stays_only_where_it_can_be_taken_over(
    superadmin: Client, folder: Path, kept: bool, left: int
) -> None:
    superadmin.post(reverse("elsewhere"), {"file": _file("a.sql", b"x")})
    with incoming.gone_unless_kept(Path(Job.objects.get().options["file"])) as upload:
        upload.is_kept = kept
    assert len(list(folder.iterdir())) == left


def test_a_file_of_somebodys_own_is_never_removed(tmp_path: Path) -> None:
    own = tmp_path / "own" / "dump.sql"
    own.parent.mkdir()
    own.write_text("x")
    with pytest.raises(Cancelled), incoming.gone_unless_kept(own):
        raise Cancelled
    assert own.exists()
