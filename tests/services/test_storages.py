"""Any number of storages by environment: what is wrong is named, and one that fails hides no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import ArchiveUnknown, StorageFailed
from backups.models import Archive, Copy
from backups.services import copy_rows, storages
from backups.services.init import initialise
from qparkin_backup import env
from qparkin_backup.storages import Folder, configured, refuse_tangled

BASE = Path("/srv/panel")


def read(values: Mapping[str, str]) -> tuple[Folder, ...]:
    return configured(env.Environment((values,)), base=BASE)


def test_without_a_word_there_is_the_local_one() -> None:
    assert read({}) == (Folder("local"),)


def test_further_ones_come_after_it_in_their_order() -> None:
    found = read({
        "BACKUP_STORAGES": "nas, off_site2",
        "BACKUP_NAS_ROOT": "/mnt/nas",
        "BACKUP_OFF_SITE2_ROOT": "var/off",
    })  # fmt: skip
    assert found == (Folder("local"), Folder("nas", "/mnt/nas"), Folder("off_site2", "/srv/panel/var/off"))


def test_the_list_is_complete_where_it_names_local() -> None:
    found = read({"BACKUP_STORAGES": "nas,local", "BACKUP_NAS_ROOT": "/mnt/nas"})
    assert [place.name for place in found] == ["nas", "local"]


def test_a_root_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("/mnt/nas\n")
    values = {"BACKUP_STORAGES": "nas", "BACKUP_NAS_ROOT_FILE": str(tmp_path / "root")}
    assert read(values)[1] == Folder("nas", "/mnt/nas")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("Nas", "'Nas'.*small letters"),
        ("2nas", "beginning with a letter"),
        ("my nas", "'my nas'"),
        ("../nas", "small letters"),
        ("n" * 31, "small letters"),
        ("nas,nas", "nas twice"),
        ("local,local", "local twice"),
        ("nas", "BACKUP_NAS_ROOT"),
    ],
)
def test_a_wrong_list_is_one_sentence(names: str, told: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=told):
        read({"BACKUP_STORAGES": names})


def test_two_names_for_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    places = (Folder("local"), Folder("nas", str(tmp_path / "link")))
    with pytest.raises(ImproperlyConfigured, match="local and nas are the same folder"):
        refuse_tangled(places, local_root=str(tmp_path / "a"))


def test_a_folder_that_is_mounted_twice_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path does not say so; only its number on the disk does."""
    monkeypatch.setattr(Path, "resolve", Path.absolute)
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    places = (Folder("local"), Folder("nas", str(tmp_path / "link")))
    with pytest.raises(ImproperlyConfigured, match="local and nas are the same folder"):
        refuse_tangled(places, local_root=str(tmp_path / "a"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://s3.example.id", "https://S3.Example.id:443"),
        ("https://s3.example.id", "http://s3.example.id./"),
        ("", "https://s3.ap-southeast-3.amazonaws.com"),
        ("https://s3.us-east-1.amazonaws.com", "https://s3.ap-southeast-3.amazonaws.com"),
    ],
)
def test_one_bucket_under_two_addresses_is_refused(one: str, other: str) -> None:
    places = read({
        "BACKUP_STORAGES": "a,b",
        **{f"BACKUP_{name}_BUCKET": "qparkin" for name in "AB"},
        **{f"BACKUP_{name}_PREFIX": "x/" for name in "AB"},
        "BACKUP_A_ENDPOINT": one,
        "BACKUP_B_ENDPOINT": other,
    })  # fmt: skip
    with pytest.raises(ImproperlyConfigured, match="a and b are the same place"):
        refuse_tangled(places, local_root="/srv/archives")


def test_buckets_of_one_name_at_two_places_are_two() -> None:
    endpoints = ("", "https://s3.example.id", "https://s3.example.id:9000", "https://minio.example.id")
    values = {"BACKUP_STORAGES": "a,b,c,d"}
    for name, endpoint in zip("ABCD", endpoints, strict=True):
        values |= {f"BACKUP_{name}_BUCKET": "qparkin", f"BACKUP_{name}_ENDPOINT": endpoint}
    refuse_tangled(read(values), local_root="/srv/archives")


@pytest.mark.parametrize(
    "host", ["[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[::a9fe:a9fe]", "168.63.129.16"]
)
def test_an_endpoint_that_wraps_the_clouds_own_address_is_refused(host: str) -> None:
    values = {"BACKUP_STORAGES": "a", "BACKUP_A_BUCKET": "b", "BACKUP_A_ENDPOINT": f"http://{host}"}
    with pytest.raises(ImproperlyConfigured, match="BACKUP_A_ENDPOINT"):
        read(values)


def test_one_folder_in_another_is_refused(tmp_path: Path) -> None:
    places = (Folder("local"), Folder("nas", str(tmp_path / "a")))
    with pytest.raises(ImproperlyConfigured, match=r"nas .* lies in the storage local"):
        refuse_tangled(places, local_root=str(tmp_path))


def test_beside_each_other_is_well(tmp_path: Path) -> None:
    places = (Folder("local"), Folder("nas", str(tmp_path / "ab")))
    refuse_tangled(places, local_root=str(tmp_path / "a"))


def test_init_keeps_the_variables_of_further_storages(tmp_path: Path) -> None:
    real = {"BACKUP_STORAGES": "nas", "BACKUP_NAS_ROOT": "/mnt/nas", "BACKUP_TAPE_ROOT": "/mnt/tape"}
    initialise(tmp_path / "env", tmp_path / "keys", real=real, defaults={}, kit=None)
    written = env.read_file(tmp_path / "env")
    assert written["BACKUP_NAS_ROOT"] == "/mnt/nas"
    assert "BACKUP_TAPE_ROOT" not in written


@pytest.fixture
def two(settings: Settings, tmp_path: Path) -> tuple[Path, Path]:
    roots = tmp_path / "one", tmp_path / "two"
    settings.BACKUP_STORAGES = (Folder("local", str(roots[0])), Folder("nas", str(roots[1])))
    for root in roots:
        root.mkdir()
    return roots


def archive_with(**states: str) -> Archive:
    archive = Archive.objects.create(id="a", database="qparkin", created=timezone.now(), purpose="manual")
    for storage, state in states.items():
        Copy.objects.create(
            archive=archive, storage=storage, name="a.zip", state=state, checked_at=timezone.now()
        )
    return archive


@pytest.mark.django_db
def test_a_storage_that_is_no_longer_configured_is_passed_over(two: tuple[Path, Path]) -> None:
    (two[1] / "a.zip").write_bytes(b"x")
    archive = archive_with(tape="whole", nas="whole")
    assert [storage.name for storage, _ in storages.everywhere(archive)] == ["nas"]
    assert storages.holding(archive)[0].name == "nas"
    assert storages.named("tape") is None


@pytest.mark.django_db
def test_an_archive_at_a_storage_that_was_taken_out_of_the_settings_is_not_safe(
    two: tuple[Path, Path], settings: Settings
) -> None:
    archive = archive_with(tape="whole", nas="missing")
    copy_rows.judge_one(archive.pk)
    archive.refresh_from_db()
    assert archive.state == "missing"
    # And it is again once the storage is back.
    settings.BACKUP_STORAGES = (*settings.BACKUP_STORAGES, Folder("tape", str(two[0].parent / "tape")))
    copy_rows.judge_one(archive.pk)
    archive.refresh_from_db()
    assert archive.state == "whole"


@pytest.mark.django_db
def test_a_whole_copy_comes_before_a_damaged_one(two: tuple[Path, Path]) -> None:
    for root in two:
        (root / "a.zip").write_bytes(b"x")
    assert storages.holding(archive_with(local="damaged", nas="whole"))[0].name == "nas"


@pytest.mark.django_db
def test_what_no_storage_has_is_unknown(two: tuple[Path, Path]) -> None:
    with pytest.raises(ArchiveUnknown):
        storages.holding(archive_with(local="whole", nas="missing"))


@pytest.mark.django_db
def test_a_storage_that_does_not_answer_hides_no_other(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: storages.LocalStorage, name: str) -> bool:
        if self.name == "local":
            raise StorageFailed(storage=self.name, reason="it does not answer")
        return (self.root / name).exists()

    monkeypatch.setattr(storages.LocalStorage, "exists", refuse)
    archive = archive_with(local="whole", nas="whole")
    with pytest.raises(StorageFailed):
        storages.holding(archive)
    (two[1] / "a.zip").write_bytes(b"x")
    assert storages.holding(archive)[0].name == "nas"
