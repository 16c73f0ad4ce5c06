"""A person who signs in, by e-mail address."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    SUPERADMIN = "superadmin", _("Superadmin")
    ADMIN_MALL = "admin_mall", _("Mall admin")


# The three zones of Indonesia; the words are what people there call them.
ZONES = [
    ("Asia/Jakarta", _("WIB (Jakarta, Sumatra, West Kalimantan)")),
    ("Asia/Makassar", _("WITA (Makassar, Bali, East Kalimantan)")),
    ("Asia/Jayapura", _("WIT (Papua, Maluku)")),
]
THEMES = [("auto", _("As this device")), ("light", _("Light")), ("dark", _("Dark"))]


class Source(models.TextChoices):
    QPARKIN = "qparkin", "QParkIn"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        # One address is one person, however it is typed.
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Superadmins do everything; mall admins see whether their mall's data is safe."""

    Role, Source = Role, Source

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.ADMIN_MALL)
    mall_id = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("id", _("Indonesian")), ("en", _("English"))], default="id"
    )
    # Empty: never chosen; then the browser's cookie says, and the panel's own zone counts.
    theme = models.CharField(_("theme"), max_length=5, choices=THEMES, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=30, choices=ZONES, blank=True, default="")
    is_active = models.BooleanField(default=True)
    # Empty: of this panel. Else where they sign in, their id there, and when they were last found good.
    source = models.CharField(max_length=20, choices=Source.choices, blank=True, default="")
    source_id = models.BigIntegerField(null=True, blank=True)
    source_seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        constraints = [
            # Whoever holds the protected database must not reach its backups.
            models.CheckConstraint(
                condition=models.Q(source="") | ~models.Q(role=Role.SUPERADMIN),
                name="nobody_from_elsewhere_is_superadmin",
            ),
            models.UniqueConstraint(fields=["source", "source_id"], name="one_person_for_each_source_id"),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    @property
    def is_superadmin(self) -> bool:
        return self.is_active and self.role == Role.SUPERADMIN and not self.source

    @property
    def is_mall_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN_MALL

    @property
    def zone(self) -> ZoneInfo | None:
        """In which times are shown to this person; None for the panel's own."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @property
    def display_name(self) -> str:
        return self.name or self.email
