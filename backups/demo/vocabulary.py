"""The words that the made-up data is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mall:
    name: str
    city: str
    place: str
    capacity: int
    plate: str


# None of them exists; the cities and their number plates do.
MALLS = (
    Mall("Cakrawala Park Mall", "Jakarta Selatan", "-6.2443,106.8006", 2400, "B"),
    Mall("Permata Parahyangan Plaza", "Bandung", "-6.9147,107.6098", 1600, "D"),
    Mall("Tunjungan Bahari Square", "Surabaya", "-7.2575,112.7521", 1900, "L"),
    Mall("Nagoya Citra Walk", "Batam", "1.1301,104.0529", 1100, "BP"),
    Mall("Malioboro Ma'mur City", "Yogyakarta", "-7.7928,110.3658", 900, "AB"),
    Mall("Losari D'Walk", "Makassar", "-5.1477,119.4327", 1200, "DD"),
)

GATES = (
    ("Gerbang Utara", "Lobi utara, lantai dasar"),
    ("Gerbang Selatan", "Jalan raya, sebelah halte"),
    ("Gerbang Basement", "Basement B1"),
    ("Gerbang Motor", "Samping, khusus roda dua"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of vehicle: its share of the traffic in percent, of a mall's places, and what an hour costs."""

    label: str
    traffic: int
    places: float
    first_hour: int
    next_hour: int
    models: tuple[tuple[str, str], ...]


KINDS = (
    Kind(
        "Roda Dua",
        60,
        0.52,
        2000,
        1000,
        (
            ("Honda", "Beat"),
            ("Honda", "Vario 160"),
            ("Yamaha", "NMAX"),
            ("Yamaha", "Aerox"),
            ("Suzuki", "Satria"),
        ),
    ),
    Kind("Roda Tiga", 2, 0.03, 3000, 2000, (("Viar", "Karya 200"), ("Piaggio", "Ape"))),
    Kind(
        "Roda Empat",
        36,
        0.42,
        5000,
        4000,
        (
            ("Toyota", "Avanza"),
            ("Toyota", "Kijang Innova"),
            ("Daihatsu", "Sigra"),
            ("Honda", "Brio"),
            ("Mitsubishi", "Xpander"),
            ("Suzuki", "Ertiga"),
            ("Hyundai", "Ioniq 5"),
            ("Wuling", "Air ev"),
        ),
    ),
    Kind("Lebih dari Enam", 2, 0.03, 15000, 10000, (("Hino", "Ranger"), ("Isuzu", "Giga"))),
)

FIRST_NAMES = (
    *(
        "Agus",
        "Ahmad",
        "Andi",
        "Ayu",
        "Bambang",
        "Bayu",
        "Budi",
        "Citra",
        "Daeng",
        "Dewi",
        "Dian",
        "Eka",
        "Fajar",
    ),
    *(
        "Fitri",
        "Galih",
        "Gita",
        "Hadi",
        "Hendra",
        "Indah",
        "Intan",
        "Ja'far",
        "Joko",
        "Kadek",
        "Kartika",
        "Komang",
    ),
    *(
        "Lestari",
        "Lukman",
        "Made",
        "Maya",
        "Mega",
        "Nanda",
        "Nur",
        "Nyoman",
        "Oktavia",
        "Putri",
        "Putu",
        "Rahma",
    ),
    *(
        "Ratna",
        "Rizky",
        "Sari",
        "Siti",
        "Slamet",
        "Taufik",
        "Tri",
        "Umar",
        "Vina",
        "Wahyu",
        "Wulan",
        "Yoga",
        "Yuni",
    ),
)
LAST_NAMES = (
    *("Anggraini", "Ardiansyah", "Fauzi", "Ginting", "Gunawan", "Halim", "Handayani", "Hasibuan", "Hidayat"),
    *("Kurniawan", "Kusuma", "Lubis", "Ma'arif", "Mahendra", "Maulana", "Nasution", "Nugroho", "Pangestu"),
    *("Permana", "Prasetyo", "Pratama", "Puspita", "Rahman", "Ramadhan", "Santoso", "Saputra", "Setiawan"),
    *("Siregar", "Simanjuntak", "Suryani", "Susanto", "Syahputra", "Utami", "Wibowo", "Wijaya", "Yulianti"),
)

PROMOTIONS = (
    "Poin ganda akhir pekan ini 🎉 Parkir Sabtu–Minggu, poin dua kali lipat!",
    "Hujan deras 🌧️ Basement B1 tetap aman, masih ada tempat.",
    "Jum'at hemat: jam pertama gratis untuk roda dua 🏍️",
    'Kode promo "PARKIR\\2026" berlaku sampai akhir bulan 👍🏽',
)

MIGRATIONS = (
    *("0001_01_01_000000_create_users_table", "0001_01_01_000001_create_cache_table"),
    *("0001_01_01_000002_create_jobs_table", "2025_09_24_145803_create_personal_access_tokens_table"),
    *(
        "2025_09_24_145843_create_oauth_auth_codes_table",
        "2025_09_24_145844_create_oauth_access_tokens_table",
    ),
    *("2025_09_24_145845_create_oauth_refresh_tokens_table", "2025_09_24_145846_create_oauth_clients_table"),
    *("2025_09_24_145847_create_oauth_device_codes_table", "2025_09_24_151026_mall"),
    *("2025_09_24_151056_admin_mall", "2025_09_24_151122_super_admin", "2025_09_24_151620_customer"),
    *("2025_09_24_151624_kendaraan", "2025_09_24_151629_tarif_parkir", "2025_09_24_151634_parkiran"),
    *("2025_09_24_151640_gerbang", "2025_09_24_151644_transaksi_parkir", "2025_09_24_151647_booking"),
    *("2025_09_24_151652_pembayaran", "2025_09_24_151659_riwayat_poin", "2025_09_24_151708_notifikasi"),
    *("2025_09_24_151714_riwayat_gerbang", "2025_09_24_151948_triggers"),
)
