"""Malls with their gates, places and prices; the people who run them; customers and their vehicles."""

from __future__ import annotations

import string
from datetime import timedelta
from random import Random

from backups.demo.batches import Batches
from backups.demo.calendar import Calendar
from backups.demo.vocabulary import FIRST_NAMES, GATES, KINDS, LAST_NAMES, MALLS, Mall

COLUMNS = {
    "mall": ("id_mall", "nama_mall", "lokasi", "kapasitas", "alamat_gmaps"),
    "gerbang": ("id_gerbang", "id_mall", "nama_gerbang", "lokasi", "dibuat_pada"),
    "parkiran": ("id_parkiran", "id_mall", "jenis_kendaraan", "kapasitas", "status"),
    "tarif_parkir": ("id_tarif", "id_mall", "jenis_kendaraan", "satu_jam_pertama", "tarif_parkir_per_jam"),
    "user": (
        *("id_user", "name", "no_hp", "email", "email_verified_at", "password", "provider", "provider_id"),
        *("role", "status", "remember_token", "created_at", "updated_at"),
    ),
    "super_admin": ("id_user", "hak_akses"),
    "admin_mall": ("id_user", "id_mall", "hak_akses"),
    "customer": ("id_user", "no_hp"),
    "kendaraan": ("id_kendaraan", "id_user", "plat", "jenis", "merk", "tipe"),
}

SUPER_ADMINS = 2
STAFF = SUPER_ADMINS + len(MALLS)
LETTERS = string.ascii_uppercase
PLATES = 9000 * len(LETTERS) ** 3
# Coprime to PLATES: stepping by it visits every plate once, and neighbours look nothing alike.
PLATE_STEP = 61_393_481
BCRYPT = string.ascii_letters + string.digits + "./"


def write_malls(batches: Batches, calendar: Calendar) -> None:
    opened = calendar.start - timedelta(days=90)
    for number, mall in enumerate(MALLS, start=1):
        where = f"https://maps.google.com/?q={mall.place}"
        batches.add("mall", number, mall.name, mall.city, mall.capacity, where)
        for gate, (name, place) in enumerate(GATES, start=1):
            batches.add("gerbang", (number - 1) * len(GATES) + gate, number, name, place, opened)
        for order, kind in enumerate(KINDS, start=1):
            key = (number - 1) * len(KINDS) + order
            dearer = 1000 if mall.plate == "B" else 0
            prices = (kind.first_hour + dearer, kind.next_hour + dearer)
            batches.add("parkiran", key, number, kind.label, int(mall.capacity * kind.places), "Tersedia")
            batches.add("tarif_parkir", key, number, kind.label, *prices)


def write_people(batches: Batches, calendar: Calendar, *, customers: int, chance: Random) -> None:
    joined = calendar.start - timedelta(days=60)
    for number in range(1, STAFF + customers + 1):
        if number <= STAFF:
            _write_staff(batches, number, joined, chance)
        else:
            span = (calendar.until - joined).total_seconds()
            since = joined + timedelta(seconds=int(span * (number - STAFF) / customers / 2))
            _write_user(batches, number, "customer", since, chance)
            batches.add("customer", number, phone(number))
        batches.flush_when_full()


def _write_staff(batches: Batches, number: int, since: object, chance: Random) -> None:
    if number <= SUPER_ADMINS:
        _write_user(batches, number, "super_admin", since, chance)
        batches.add("super_admin", number, "developer" if number == 1 else "operasional")
    else:
        _write_user(batches, number, "admin_mall", since, chance)
        batches.add("admin_mall", number, number - SUPER_ADMINS, "penuh")


def _write_user(batches: Batches, number: int, role: str, since: object, chance: Random) -> None:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    plain = f"{first}.{last}".lower().replace("'", "")
    password = "$2y$12$" + "".join(chance.choices(BCRYPT, k=53))
    google = number % 9 == 0
    provider = ("google", str(10**20 + number * 7919)) if google else (None, None)
    verified = since if chance.random() < 0.93 else None
    status = "non-aktif" if role == "customer" and chance.random() < 0.02 else "aktif"
    token = "".join(chance.choices(BCRYPT, k=60)) if chance.random() < 0.3 else None
    address = f"{plain}{number}@contoh.example"
    who = (number, f"{first} {last}", phone(number), address, verified, None if google else password)
    batches.add("user", *who, *provider, role, status, token, since, since)


def write_vehicles(batches: Batches, *, customers: int, chance: Random) -> None:
    for number in range(1, vehicles(customers) + 1):
        kind = KINDS[vehicle_kind(number)]
        plate = number_plate(number, MALLS[home_mall(number)])
        batches.add(
            "kendaraan", number, owner(number, customers), plate, kind.label, *chance.choice(kind.models)
        )
        batches.flush_when_full()


def vehicles(customers: int) -> int:
    """Everybody has one vehicle, and every fifth customer a second one."""
    return customers + customers // 5


def owner(vehicle: int, customers: int) -> int:
    return STAFF + (vehicle if vehicle <= customers else (vehicle - customers) * 5)


def vehicle_kind(vehicle: int) -> int:
    """Computed from the number, so that millions of vehicles need no memory."""
    draw = _scatter(vehicle) % 100
    for order, kind in enumerate(KINDS):
        draw -= kind.traffic
        if draw < 0:
            return order
    return 0


def home_mall(vehicle: int) -> int:
    # The square leans towards the first malls, which are the biggest.
    return int((_scatter(vehicle * 31) % 1000 / 1000) ** 1.4 * len(MALLS))


def number_plate(vehicle: int, mall: Mall) -> str:
    place = vehicle * PLATE_STEP % PLATES
    digits, place = place % 9000 + 1000, place // 9000
    letters = ""
    for _ in range(3):
        place, letter = divmod(place, len(LETTERS))
        letters += LETTERS[letter]
    return f"{mall.plate} {digits} {letters}"


def phone(number: int) -> str:
    return f"08{(number * 7_368_787 + 1_234_567) % 10**10:010d}"


def _scatter(number: int) -> int:
    return number * 2_654_435_761 % 2**32 >> 8
