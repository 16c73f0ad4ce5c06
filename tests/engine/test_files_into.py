"""Where files may be put: a new or empty folder, and nothing among what is there already."""

from __future__ import annotations

from pathlib import Path

import pytest

from backups.engine.errors import FolderUnfit
from backups.engine.pipeline import refuse_taken


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keep.txt").write_text("mine")
    with pytest.raises(FolderUnfit):
        refuse_taken(str(tmp_path))
    assert (tmp_path / "keep.txt").read_text() == "mine"


def test_a_link_to_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "keep.txt").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "full")
    with pytest.raises(FolderUnfit):
        refuse_taken(str(tmp_path / "link"))


@pytest.mark.parametrize("place", ["relative", "/", "{}/none/of/it", "{}/file"])
def test_what_cannot_be_a_folder_of_its_own_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderUnfit):
        refuse_taken(place.format(tmp_path))


@pytest.mark.parametrize("there", [True, False])
def test_a_new_or_an_empty_folder_is_taken(tmp_path: Path, there: bool) -> None:
    place = tmp_path / "into"
    if there:
        place.mkdir()
    assert refuse_taken(str(place)) == str(place).encode()
