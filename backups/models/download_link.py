"""Leave to fetch one archive once, within minutes, for whoever asked for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class What(models.TextChoices):
    ARCHIVE = "archive", _("The archive, encrypted")
    SQL = "sql", _("Plain SQL")


class DownloadLink(models.Model):
    What = What

    # Of what stands in the address: whoever reads this table can fetch nothing with it.
    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("backups.User", on_delete=models.CASCADE, related_name="download_links")
    archive = models.ForeignKey("backups.Archive", on_delete=models.CASCADE, related_name="download_links")
    what = models.CharField(max_length=10, choices=What.choices)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.what} of {self.archive_id} until {self.expires_at:%H:%M:%S}"
