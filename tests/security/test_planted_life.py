"""The same secrets, and those that the panel makes up itself, in a life of real processes that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest

from tests.s3.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.s3.servers import S3Server, moto_running
from tests.scratch import ScratchDatabase
from tests.security.planted import found_in, secret, what_to_look_for
from tests.security.planted_life import Life
from tests.security.planted_panel import (
    BUCKET,
    THEIRS,
    accounts,
    at_first,
    hire,
    in_the_bucket,
    installed,
    whole,
)
from tests.security.searching import in_database, in_files, names_in
from tests.security.watching import watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
OTHERS = 0o077


@pytest.fixture
def bucket() -> Iterator[S3Server]:
    with moto_running() as server:
        server.client.create_bucket(Bucket=BUCKET)
        yield server


@pytest.fixture
def proxy(bucket: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy(bucket.endpoint) as made:
        yield made


@pytest.fixture(params=[True, False], ids=["json", "text"])
def life(
    request: pytest.FixtureRequest, tmp_path: Path, small_parking: ScratchDatabase, proxy: FaultProxy
) -> Iterator[Life]:
    for name in ("tmp", "logs", "taken"):
        (tmp_path / name).mkdir()
    hire(small_parking)
    with accounts(small_parking, "database", "restore", "drill") as names:
        asked = whole(tmp_path, names, proxy.url, small_parking)
        protected = ["--passphrase", "panel", "--passphrase-file", str(tmp_path / "passphrase")]
        panel = installed(at_first(tmp_path, small_parking), asked, *protected)
        yield Life(panel, names["database"], what_to_look_for(panel.keys), tmp_path / "logs", request.param)


def test_no_secret_leaves_its_place_whatever_happens(
    life: Life, tmp_path: Path, bucket: S3Server, proxy: FaultProxy
) -> None:
    wanted, marker = life.wanted, str(life.panel.env_file).encode()
    with watched(wanted, marker) as seen, life.at_work():
        rani = life.first_superadmin()
        life.people_are_told(rani)
        life.somebody_is_invited(rani)
        life.somebody_comes_from_qparkin(to_get_in=True)
        with life.one_that_is_killed(rani):
            assert left_open_to_others(tmp_path) == []
            assert in_files(tmp_path, wanted, but=THEIRS) == {}
        life.one_that_loses_its_server(rani)
        life.one_that_is_not_let_in(rani)
        proxy.arm(Fault(status=403, code="SignatureDoesNotMatch"), method="PUT", times=2)
        archive = life.one_that_works(rani)
        life.something_is_fetched(rani, archive)
        for command in (
            ["verify", "latest", "--deep"],
            ["restore", "latest", "--yes"],
            ["undo_restore", "latest", "--yes"],
        ):
            life.manage(*command)
        life.it_reaches_the_bucket()
        life.manage("recovery_kit", "--output", str(tmp_path / "taken" / "kit"))
        dump = tmp_path / "strange.sql"
        dump.write_text("CREATE TABLE a (b INT); INSERT INTO a VALUES (1);")
        # Where the account of strangers' dumps may go.
        life.manage("inspect_dump", str(dump), TMPDIR=gettempdir())
        proxy.arm(Fault(status=500), times=3)
        life.other_servers_are_away()
        (tmp_path / "pages").write_bytes(life.everything_is_looked_at(rani))
    assert seen.looks > 100
    assert seen.found == set()
    logs = {file.name: file.read_bytes() for file in (tmp_path / "logs").iterdir()}
    assert b"error" in logs["worker"] or b"WARNING" in logs["worker"]
    assert (b'{"time"' in logs["web"]) is life.as_json
    assert {name: names_in(text, wanted) for name, text in logs.items() if names_in(text, wanted)} == {}
    assert in_files(tmp_path, wanted, but=THEIRS) == {}
    assert in_database(tmp_path / "control.sqlite3", wanted) == {}
    objects = in_the_bucket(bucket)
    assert len(objects) > 1
    assert {key: names_in(text, wanted) for key, text in objects.items() if names_in(text, wanted)} == {}
    # What was searched for is really there.
    assert len(wanted) > 25
    assert found_in((tmp_path / "env").read_bytes(), wanted)
    assert secret("passphrase") in (tmp_path / "passphrase").read_text()


def left_open_to_others(folder: Path) -> list[str]:
    """In the temp folder, and of what was not finished: a killed process takes nothing away."""
    inside = [*(folder / "tmp").rglob("*"), *(folder / "archives").glob(".partial*")]
    assert any(path.name.startswith(".partial") for path in inside)
    return [str(path) for path in inside if path.exists() and path.stat().st_mode & OTHERS]
