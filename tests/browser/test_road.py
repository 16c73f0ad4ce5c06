"""The whole road as a new superadmin walks it, in Indonesian, on a real server with a real worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from backups import tasks
from backups.demo.seed import create_qparkin
from backups.models import AuditEvent, Job
from tests.browser.conftest import PATIENCE
from tests.browser.looks import look
from tests.installation import until
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


@pytest.fixture
def qparkin(database: ScratchDatabase, settings: Any, tmp_path: Path) -> ScratchDatabase:
    with database.connect() as seeding:
        create_qparkin(seeding, rows=3000, until=datetime.now(UTC))
    protect(database, settings)
    settings.BACKUP_LOCAL_ROOT = str(tmp_path / "archives")
    return database


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Does what the queue would do: takes each waiting job by its id."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.3):
            for job in Job.objects.filter(state=Job.State.QUEUED):
                tasks.run_job(str(job.pk))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def page(chromium: Browser, live_server: Any) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=live_server.url, locale="id-ID", viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.mark.usefixtures("worker")
def test_back_up_watch_download_lose_a_table_restore_undo_lose_it_all_and_restore(
    page: Page, qparkin: ScratchDatabase, tmp_path: Path
) -> None:
    factories.superadmin("rani@qparkin.id")
    sign_in(page)
    archive = back_up_and_watch(page)
    download(page, archive, tmp_path)
    wait_for_the_proof(page, archive)
    before = qparkin.rows("SELECT COUNT(*) FROM transaksi_parkir")
    qparkin.run("SET foreign_key_checks=0", "DROP TABLE transaksi_parkir")
    restore(page, qparkin)
    assert qparkin.rows("SELECT COUNT(*) FROM transaksi_parkir") == before
    spoil_and_replace_one_table(page, qparkin)
    undo(page)
    undo_again(page)
    assert qparkin.rows("SHOW TABLES LIKE 'transaksi_parkir'") == ()
    lose_everything_and_restore(page, qparkin)
    assert qparkin.rows("SELECT COUNT(*) FROM transaksi_parkir") == before


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Alamat email").fill("rani@qparkin.id")
    page.get_by_label("Kata sandi").fill(factories.PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    expect(page.get_by_role("heading", name="Menunggu cadangan pertama")).to_be_visible()


def back_up_and_watch(page: Page) -> str:
    """The page shows the end by itself: what was put on it before is still there."""
    page.get_by_role("button", name="Cadangkan sekarang").first.click()
    page.wait_for_url("**/jobs/**")
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_role("heading", name="Cadangan sudah tersimpan")).to_be_visible()
    assert page.evaluate("window.neverReloaded")
    look(page, "selesai-cadangan-nyata")
    page.get_by_role("link", name="Buka cadangan").click()
    return page.url.rstrip("/").rpartition("/")[2]


def download(page: Page, archive: str, folder: Path) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Unduh").click()
    saved = folder / "saved.zip"
    waiting.value.save_as(saved)
    stored = next((folder / "archives").glob(f"*{archive}*.zip"))
    assert saved.read_bytes() == stored.read_bytes()
    # The browser has its last byte a moment before the panel writes down that it has.
    until(AuditEvent.objects.filter(action="download_end").exists)
    assert AuditEvent.objects.get(action="download_end").details["bytes"] == stored.stat().st_size


def wait_for_the_proof(page: Page, archive: str) -> None:
    drill = Job.objects.get(kind=Job.Kind.DRILL)
    page.goto(f"/jobs/{drill.pk}/")
    expect(page.get_by_role("heading", name="Uji pulih selesai")).to_be_visible()
    page.goto(f"/archives/{archive}/")
    expect(page.get_by_role("heading", name="Terbukti bisa dipulihkan")).to_be_visible()
    look(page, "cadangan-detail-nyata")


def restore(page: Page, qparkin: ScratchDatabase) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Pulihkan").click()
    page.get_by_text("Ada tabel yang hilang").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("checkbox", name="transaksi_parkir")).to_be_checked()
    expect(page.get_by_label("Ke tempat baru")).to_be_checked()
    page.get_by_text("Seluruh database").click()
    page.get_by_text("Menggantikan data yang dipakai").click()
    look(page, "pulihkan-rencana-nyata")
    page.get_by_role("button", name="Periksa dulu").click()
    expect(page.get_by_role("row", name="transaksi_parkir")).to_contain_text("muncul kembali")
    look(page, "pulihkan-nyata")
    name, button = (
        page.get_by_label("Untuk memastikan"),
        page.get_by_role("button", name=f"Timpa {qparkin.name}"),
    )
    name.fill("bukan-itu")
    button.click()
    expect(page.get_by_text("Namanya belum cocok")).to_be_visible()
    look(page, "pulihkan-salah-nama")
    name.fill(qparkin.name)
    button.click()
    expect(page.get_by_role("heading", name="Data sudah dipulihkan")).to_be_visible()
    look(page, "hasil-pulih-nyata")


def spoil_and_replace_one_table(page: Page, qparkin: ScratchDatabase) -> None:
    """An UPDATE without its WHERE: only that table goes back, by the two steps that the plan proposes."""
    before = qparkin.rows("SELECT SUM(biaya) FROM transaksi_parkir")
    qparkin.run("UPDATE transaksi_parkir SET biaya = 0")
    page.get_by_role("navigation").get_by_role("link", name="Pulihkan").click()
    page.get_by_text("Ada data yang salah").click()
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_role("checkbox", name="transaksi_parkir").check()
    page.get_by_role("button", name="Periksa dulu").click()
    page.get_by_role("button", name=f"Pulihkan ke {qparkin.name}__look").click()
    expect(page.get_by_role("heading", name="Tinggal satu langkah")).to_be_visible()
    assert qparkin.rows("SELECT SUM(biaya) FROM transaksi_parkir") != before
    page.get_by_role("link", name="Pasang 1 tabel ke QParkIn").click()
    look(page, "pulihkan-tabel-nyata")
    page.get_by_label("Untuk memastikan").fill(qparkin.name)
    page.get_by_role("button", name=f"Ganti 1 tabel di {qparkin.name}").click()
    expect(page.get_by_role("heading", name="Tabelnya sudah dipulihkan")).to_be_visible()
    look(page, "hasil-tabel-nyata")
    assert qparkin.rows("SELECT SUM(biaya) FROM transaksi_parkir") == before


def undo_again(page: Page) -> None:
    """The restore below it is the one that can be undone now."""
    page.get_by_role("navigation").get_by_role("link", name="Beranda").click()
    page.get_by_role("link", name="hasil pemulihan").click()
    undo(page)


def undo(page: Page) -> None:
    page.get_by_role("link", name="Urungkan").click()
    page.get_by_role("button", name="Urungkan pemulihan").click()
    expect(page.get_by_role("heading", name="Pemulihan sudah diurungkan")).to_be_visible()


def lose_everything_and_restore(page: Page, qparkin: ScratchDatabase) -> None:
    """From the notice that the database is gone to the restore, and no trace of the notice afterwards."""
    qparkin.run(f"DROP DATABASE {qparkin.name}")
    cache.clear()
    page.goto("/")
    look(page, "beranda-hilang-nyata")
    page.get_by_role("alert").get_by_role("link", name="Pulihkan").click()
    page.get_by_text("Seluruh database hilang").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_label("Menggantikan data yang dipakai")).to_be_checked()
    page.get_by_role("button", name="Periksa dulu").click()
    expect(page.get_by_text("29 tabel muncul kembali")).to_be_visible()
    expect(page.get_by_text("Buat cadangan pengaman dulu")).not_to_be_attached()
    look(page, "pulihkan-hilang-nyata")
    page.get_by_label("Untuk memastikan").fill(qparkin.name)
    page.get_by_role("button", name=f"Pulihkan {qparkin.name}").click()
    expect(page.get_by_role("heading", name="Data sudah dipulihkan")).to_be_visible()
    expect(page.get_by_text("tidak ada data yang ditimpa")).to_be_visible()
    expect(page.get_by_role("link", name="Urungkan")).not_to_be_attached()
    expect(page.get_by_role("alert")).not_to_be_attached()
