"""The rows of the tables that Laravel brings along."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from backups.demo.batches import Batches
from backups.demo.calendar import WIB, Calendar
from backups.demo.people import STAFF
from backups.demo.vocabulary import MIGRATIONS

COLUMNS = {
    "migrations": ("id", "migration", "batch"),
    "cache": ("key", "value", "expiration"),
    "cache_locks": ("key", "owner", "expiration"),
    "jobs": ("queue", "payload", "attempts", "reserved_at", "available_at", "created_at"),
    "job_batches": (
        *("id", "name", "total_jobs", "pending_jobs", "failed_jobs", "failed_job_ids", "options"),
        *("cancelled_at", "created_at", "finished_at"),
    ),
    "failed_jobs": ("uuid", "connection", "queue", "payload", "exception", "failed_at"),
    "sessions": ("id", "user_id", "ip_address", "user_agent", "payload", "last_activity"),
    "password_reset_tokens": ("email", "token", "created_at"),
    "personal_access_tokens": (
        *("tokenable_type", "tokenable_id", "name", "token", "abilities", "last_used_at", "expires_at"),
        *("created_at", "updated_at"),
    ),
    "oauth_clients": (
        *(
            "id",
            "name",
            "secret",
            "provider",
            "redirect_uris",
            "grant_types",
            "revoked",
            "created_at",
            "updated_at",
        ),
    ),
    "oauth_access_tokens": (
        *(
            "id",
            "user_id",
            "client_id",
            "name",
            "scopes",
            "revoked",
            "created_at",
            "updated_at",
            "expires_at",
        ),
    ),
    "oauth_refresh_tokens": ("id", "access_token_id", "revoked", "expires_at"),
    "oauth_auth_codes": ("id", "user_id", "client_id", "scopes", "revoked", "expires_at"),
    "oauth_device_codes": ("id", "user_id", "client_id", "user_code", "scopes", "revoked", "expires_at"),
}

AGENTS = (
    "Mozilla/5.0 (Linux; Android 14; SM-A556E) AppleWebKit/537.36 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
    "QParkIn/2.3 (Android 13; Redmi Note 12)",
)
# What a Windows host leaves in a log: backslashes, quotes, line breaks, an apostrophe.
CRASH = (
    "Illuminate\\Database\\QueryException: SQLSTATE[HY000]: General error: 1442 Can't update table "
    "'transaksi_parkir' in C:\\xampp\\htdocs\\qparkin\\app\\Jobs\\TutupTransaksi.php:48\n"
    "#0 C:\\xampp\\htdocs\\qparkin\\vendor\\laravel\\framework\\src\\Illuminate\\Bus\\Dispatcher.php(129)\n"
    "\t#1 {main}"
)


def write_laravel(batches: Batches, calendar: Calendar, *, customers: int, chance: Random) -> None:
    for number, migration in enumerate(MIGRATIONS, start=1):
        batches.add("migrations", number, migration, 1)
    _write_queue(batches, calendar.until, chance)
    _write_oauth(batches, calendar.until, customers, chance)
    for number in range(customers // 4):
        _write_device(batches, calendar.until, STAFF + 1 + number * 4, chance)
        batches.flush_when_full()


def _write_queue(batches: Batches, until: datetime, chance: Random) -> None:
    now = _epoch(until)
    batches.add("cache", "qparkin-cache-tarif:1", 's:13:"Rp5.000 / jam";', now + 3600)
    batches.add("cache", "qparkin-cache-promo", 's:16:"Jum\'at hemat 🏍️";', now + 86400)
    batches.add("cache_locks", "qparkin-cache-framework/schedule", _digest(chance)[:16], now + 600)
    for number in range(12):
        payload = json.dumps(
            {"displayName": "App\\Jobs\\KirimNotifikasi", "nomor": number, "isi": "Parkir selesai ✅"}
        )
        batches.add("jobs", "default", payload, 0, None, now + number, now)
    for _number in range(5):
        failed = until - timedelta(days=chance.randrange(1, 60))
        payload = json.dumps({"displayName": "App\\Jobs\\TutupTransaksi", "id": chance.randrange(1, 9000)})
        batches.add("failed_jobs", _uuid(chance), "database", "default", payload, CRASH, failed)
    batches.add(
        "job_batches", _uuid(chance), "Laporan bulanan", 6, 0, 0, "[]", None, None, now - 7200, now - 7100
    )
    batches.add("password_reset_tokens", "dewi.lestari@contoh.example", _digest(chance), until)


def _write_oauth(batches: Batches, until: datetime, customers: int, chance: Random) -> None:
    client, later = _uuid(chance), until + timedelta(days=15)
    names = ("QParkIn Mobile", _digest(chance), "users", '["qparkin://masuk"]', '["authorization_code"]')
    batches.add("oauth_clients", client, *names, 0, until, until)
    for number in range(20):
        user, token = STAFF + 1 + number % customers, (_digest(chance) + _digest(chance))[:80]
        batches.add(
            "oauth_access_tokens", token, user, client, "mobile", '["parkir"]', 0, until, until, later
        )
        batches.add("oauth_refresh_tokens", (_digest(chance) + _digest(chance))[:80], token, 0, later)
    code = (_digest(chance) + _digest(chance))[:80]
    batches.add("oauth_auth_codes", code, STAFF + 1, client, '["parkir"]', 1, until)
    device = (_digest(chance) + _digest(chance))[:80]
    batches.add("oauth_device_codes", device, STAFF + 1, client, "QPRK2026", "[]", 0, later)


def _write_device(batches: Batches, until: datetime, user: int, chance: Random) -> None:
    used = until - timedelta(minutes=chance.randrange(1, 60 * 24 * 20))
    agent = chance.choice(AGENTS)
    address = f"36.{chance.randrange(64, 96)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    payload = json.dumps({"_token": _digest(chance)[:40], "_previous": {"url": "/parkir"}})
    batches.add("sessions", _digest(chance)[:40], user, address, agent, payload, _epoch(used))
    token = ("App\\Models\\User", user, agent, _digest(chance), '["*"]')
    made = used - timedelta(days=3)
    batches.add("personal_access_tokens", *token, used, made + timedelta(days=90), made, used)


def _epoch(moment: datetime) -> int:
    return int(moment.replace(tzinfo=WIB).timestamp())


def _digest(chance: Random) -> str:
    return sha256(chance.randbytes(16)).hexdigest()


def _uuid(chance: Random) -> str:
    return str(uuid.UUID(bytes=chance.randbytes(16), version=4))
