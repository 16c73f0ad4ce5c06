"""What happens at the malls: cars come, stay, pay and go; points, gates and messages follow."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from backups.demo import people
from backups.demo.batches import Batches
from backups.demo.calendar import SATURDAY, Calendar
from backups.demo.vocabulary import GATES, KINDS, MALLS, PROMOTIONS

COLUMNS = {
    "transaksi_parkir": (
        *("id_transaksi", "id_user", "id_kendaraan", "id_mall", "id_parkiran", "jenis_transaksi"),
        *("waktu_masuk", "waktu_keluar", "durasi", "biaya", "penalty"),
    ),
    "booking": ("id_transaksi", "waktu_mulai", "waktu_selesai", "durasi_booking", "status", "dibooking_pada"),
    "pembayaran": ("id_transaksi", "id_gerbang", "metode", "nominal", "status", "waktu_bayar"),
    "riwayat_poin": ("id_user", "id_transaksi", "poin", "perubahan", "keterangan", "waktu"),
    "riwayat_gerbang": ("id_gerbang", "aksi", "status_sebelum", "status_sesudah", "dibuat_pada"),
    "notifikasi": ("id_user", "pesan", "waktu_kirim", "status"),
}
# Later than this before the end nobody has read the message yet.
UNREAD = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Visit:
    """One car at one mall, from its arrival until it left, or still there."""

    number: int
    customer: int
    vehicle: int
    mall: int
    kind: int
    arrived: datetime
    left: datetime | None
    booked: bool
    expired: bool

    @property
    def hours(self) -> int:
        return int((self.left - self.arrived).total_seconds() // 3600) if self.left else 0

    @property
    def penalty(self) -> int:
        return self._price(KINDS[self.kind].next_hour) if self.expired else 0

    @property
    def fee(self) -> int:
        kind = KINDS[self.kind]
        return self._price(kind.first_hour) + max(self.hours - 1, 0) * self._price(kind.next_hour)

    @property
    def gate(self) -> int:
        order = len(GATES) if self.kind == 0 else self.number % (len(GATES) - 1) + 1
        return self.mall * len(GATES) + order

    def _price(self, usual: int) -> int:
        return usual + (1000 if MALLS[self.mall].plate == "B" else 0)


class Traffic:
    """All visits in the order of their arrival; keeps only every customer's points and who is inside."""

    def __init__(self, batches: Batches, calendar: Calendar, *, customers: int, chance: Random) -> None:
        self._batches = batches
        self._calendar = calendar
        self._customers = customers
        self._chance = chance
        self._points = array("l", bytes(8 * (people.STAFF + customers + 1)))
        self._inside: set[int] = set()

    def write(self, visits: int) -> None:
        self._welcome()
        for number in range(visits):
            visit = self._visit(number)
            self._write_visit(visit)
            if visit.left:
                self._leave(visit, visit.left)
            elif self._chance.random() < 0.3:
                self._pay(visit, "qris", visit.fee, "pending", visit.arrived + timedelta(minutes=1))
            self._batches.flush_when_full()

    def _welcome(self) -> None:
        for customer in range(people.STAFF + 1, people.STAFF + self._customers + 1):
            when = self._calendar.start
            self._tell(customer, "Selamat datang di QParkIn! 👋 Akun Anda sudah aktif.", when)
            if self._chance.random() < 0.2:
                self._give(customer, None, self._chance.randrange(50, 200) * 100, "Bonus pendaftaran", when)

    def _visit(self, number: int) -> Visit:
        chance, arrived = self._chance, self._calendar.arrival(number)
        left = arrived + timedelta(minutes=min(8 + int(chance.gammavariate(2.2, 52)), 840))
        gone = left <= self._calendar.until
        vehicle = self._vehicle(gone)
        home = people.home_mall(vehicle)
        booked = chance.random() < 0.2
        return Visit(
            number=number + 1,
            customer=people.owner(vehicle, self._customers),
            vehicle=vehicle,
            mall=home if chance.random() < 0.85 else chance.randrange(len(MALLS)),
            kind=people.vehicle_kind(vehicle),
            arrived=arrived,
            left=left if gone else None,
            booked=booked,
            expired=booked and gone and chance.random() < 0.12,
        )

    def _vehicle(self, gone: bool) -> int:
        count = people.vehicles(self._customers)
        vehicle = self._chance.randrange(count) + 1
        # A vehicle is inside once at a time: the application refuses a second open visit.
        while vehicle in self._inside:
            vehicle = vehicle % count + 1
        if not gone:
            self._inside.add(vehicle)
        return vehicle

    def _write_visit(self, visit: Visit) -> None:
        place = visit.mall * len(KINDS) + visit.kind + 1
        how = "booking" if visit.booked else "umum"
        length, fee = (visit.hours, visit.fee) if visit.left else (None, None)
        who = (visit.number, visit.customer, visit.vehicle, visit.mall + 1, place, how)
        self._batches.add("transaksi_parkir", *who, visit.arrived, visit.left, length, fee, visit.penalty)
        if visit.booked:
            hours = self._chance.randrange(1, 5)
            begin = visit.arrived.replace(minute=visit.arrived.minute // 15 * 15, second=0)
            state = "aktif" if not visit.left else "expired" if visit.expired else "selesai"
            ahead = begin - timedelta(minutes=self._chance.randrange(20, 600))
            end = begin + timedelta(hours=hours)
            self._batches.add("booking", visit.number, begin, end, hours, state, ahead)

    def _leave(self, visit: Visit, left: datetime) -> None:
        amount, paid = visit.fee + visit.penalty, left - timedelta(minutes=2)
        method = "qris" if self._chance.random() < 0.63 else "tapcash"
        if self._points[visit.customer] >= amount and self._chance.random() < 0.5:
            method = "poin"
        if self._chance.random() < 0.03:
            self._pay(visit, method, amount, "gagal", paid - timedelta(minutes=1))
            self._tell(visit.customer, f"Pembayaran #{visit.number} gagal, silakan coba lagi.", paid)
        self._pay(visit, method, amount, "berhasil", paid)
        if visit.expired:
            self._tell(visit.customer, f"Booking #{visit.number} lewat waktu.", visit.arrived)
        self._reward(visit, method, amount, paid)
        self._open_gate(visit, left)

    def _reward(self, visit: Visit, method: str, amount: int, paid: datetime) -> None:
        if method == "poin":
            self._give(visit.customer, visit.number, -(amount // 10), "Biaya parkir dengan poin", paid)
            return
        points = amount // 1000 * 10
        self._give(visit.customer, visit.number, points, "Bonus parkir", paid)
        if paid.weekday() >= SATURDAY:
            self._give(visit.customer, visit.number, points, "Poin ganda akhir pekan", paid)
        text = f"Pembayaran #{visit.number} berhasil: Rp{amount:,}".replace(",", ".")
        self._tell(visit.customer, text, paid)
        if visit.number % 40 == 0:
            self._tell(visit.customer, self._chance.choice(PROMOTIONS), paid)

    def _open_gate(self, visit: Visit, left: datetime) -> None:
        self._batches.add("riwayat_gerbang", visit.gate, "terbuka", "tertutup", "terbuka", left)
        if visit.number % 3 == 0:
            closed = min(left + timedelta(seconds=20), self._calendar.until)
            self._batches.add("riwayat_gerbang", visit.gate, "tertutup", "terbuka", "tertutup", closed)

    def _pay(self, visit: Visit, method: str, amount: int, state: str, when: datetime) -> None:
        self._batches.add("pembayaran", visit.number, visit.gate, method, amount, state, when)

    def _give(self, customer: int, visit: int | None, points: int, why: str, when: datetime) -> None:
        self._points[customer] += points
        change = "tambah" if points >= 0 else "kurang"
        self._batches.add("riwayat_poin", customer, visit, abs(points), change, why, when)

    def _tell(self, customer: int, text: str, when: datetime) -> None:
        state = "belum" if when > self._calendar.until - UNREAD else "terbaca"
        self._batches.add("notifikasi", customer, text, when, state)
