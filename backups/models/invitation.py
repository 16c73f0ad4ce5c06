"""A link by which one person comes in, once: as somebody new, or to choose a new password."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .user import Role


class Invitation(models.Model):
    email = models.EmailField()
    name = models.CharField(max_length=150, blank=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    mall_id = models.BigIntegerField(null=True, blank=True)
    language = models.CharField(max_length=2, default="id")
    # Of the link's secret part; the link itself is kept nowhere.
    token_digest = models.CharField(max_length=64, unique=True)
    # Who is there already and gets a new password by it; None: whoever comes is new.
    person = models.ForeignKey(
        "backups.User", null=True, on_delete=models.CASCADE, related_name="new_password_links"
    )
    invited_by = models.ForeignKey(
        "backups.User", null=True, on_delete=models.SET_NULL, related_name="invitations"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} until {self.expires_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return not self.used_at and not self.revoked_at and self.expires_at > timezone.now()
