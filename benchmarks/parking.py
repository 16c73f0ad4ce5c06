"""A small car park at work: vehicles come in, pay and go out, at their own pace whatever the server's."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from multiprocessing.synchronize import Event

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.database import Server, connect, rows, run
from backups.engine.errors import BackupError

VEHICLES = 2000
# The application's own defect (1442): with it, no vehicle ever goes out. The workload does what it was meant to do.
BROKEN = "DROP TRIGGER IF EXISTS trg_transaksi_after_update"


@dataclass(frozen=True, slots=True)
class Sample:
    """One step of one vehicle: when it was due, and how long after that it was done. Failed: None."""

    due: float
    seconds: float | None


def prepare(connection: Connection[Cursor]) -> None:
    run(connection, BROKEN)


class Workload:
    """Processes of their own, so that a client never waits for another one, nor for us."""

    def __init__(self, server: Server, *, clients: int, steps_per_second: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._pipes: list[Pipe] = []
        self._processes = []
        for number in range(clients):
            ours, theirs = context.Pipe(duplex=False)
            given = (server, number, clients, clients / steps_per_second, self._stop, theirs)
            process = context.Process(target=_drive, args=given)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            # Each says when it is at work.
            pipe.recv()

    def end(self) -> list[Sample]:
        self._stop.set()
        samples = [sample for pipe in self._pipes for sample in pipe.recv()]
        for process in self._processes:
            process.join()
        return samples


@contextmanager
def workload(server: Server, *, clients: int, steps_per_second: float) -> Iterator[list[Sample]]:
    """The samples are in the list when the block has ended."""
    samples: list[Sample] = []
    running = Workload(server, clients=clients, steps_per_second=steps_per_second)
    try:
        yield samples
    finally:
        samples += running.end()


def _drive(server: Server, number: int, clients: int, pause: float, stop: Event, pipe: Pipe) -> None:
    """Open loop: the next vehicle comes when it is due, also while the server is slow."""
    chance = random.Random(number)
    connection = connect(server, "qparkin")
    steps = _steps(connection, number, clients, chance)
    samples: list[Sample] = []
    pipe.send("at work")
    due = time.monotonic() + chance.random() * pause
    while not stop.is_set():
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            next(steps)
            samples.append(Sample(due, time.monotonic() - due))
        except BackupError:
            run(connection, "ROLLBACK")
            steps = _steps(connection, number, clients, chance)
            samples.append(Sample(due, None))
        due += pause * chance.uniform(0.5, 1.5)
    pipe.send(samples)
    connection.close()


def _steps(
    connection: Connection[Cursor], number: int, clients: int, chance: random.Random
) -> Iterator[None]:
    """Each `next` is one step of a vehicle, as one transaction with all triggers that it fires."""
    vehicles = rows(
        connection,
        f"SELECT k.id_kendaraan, k.id_user FROM kendaraan k WHERE k.id_kendaraan % {clients} = {number} "
        "AND NOT EXISTS (SELECT 1 FROM transaksi_parkir t WHERE t.id_kendaraan = k.id_kendaraan "
        f"AND t.waktu_keluar IS NULL) LIMIT {VEHICLES}",
    )
    places = rows(connection, "SELECT id_parkiran, id_mall FROM parkiran")
    gates = dict(rows(connection, "SELECT id_mall, MIN(id_gerbang) FROM gerbang GROUP BY id_mall"))
    while True:
        (vehicle, owner), (place, mall) = chance.choice(vehicles), chance.choice(places)
        visit = _come_in(connection, vehicle=vehicle, owner=owner, place=place, mall=mall)
        yield
        _pay(connection, visit, gate=gates[mall])
        yield
        _go_out(connection, visit, place=place, gate=gates[mall])
        yield


def _come_in(connection: Connection[Cursor], *, vehicle: int, owner: int, place: int, mall: int) -> int:
    run(
        connection,
        "INSERT INTO transaksi_parkir (id_user, id_kendaraan, id_mall, id_parkiran, jenis_transaksi, waktu_masuk)"
        f" VALUES ({owner}, {vehicle}, {mall}, {place}, 'umum', NOW())",
    )
    return int(connection.insert_id())


def _pay(connection: Connection[Cursor], visit: int, *, gate: int) -> None:
    _together(
        connection,
        "INSERT INTO pembayaran (id_transaksi, id_gerbang, metode, nominal, status, waktu_bayar)"
        f" VALUES ({visit}, {gate}, 'qris', 7000, 'pending', NOW())",
        f"UPDATE pembayaran SET status = 'berhasil' WHERE id_transaksi = {visit}",
    )


def _go_out(connection: Connection[Cursor], visit: int, *, place: int, gate: int) -> None:
    _together(
        connection,
        f"UPDATE transaksi_parkir SET waktu_keluar = NOW(), durasi = 1, biaya = 7000 WHERE id_transaksi = {visit}",
        f"UPDATE parkiran SET kapasitas = kapasitas + 1 WHERE id_parkiran = {place}",
        "INSERT INTO riwayat_gerbang (id_gerbang, aksi, status_sebelum, status_sesudah)"
        f" VALUES ({gate}, 'terbuka', 'tertutup', 'terbuka')",
    )


def _together(connection: Connection[Cursor], *statements: str) -> None:
    run(connection, "START TRANSACTION")
    for statement in statements:
        run(connection, statement)
    run(connection, "COMMIT")
