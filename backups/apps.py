"""The one app."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    name = "backups"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the system checks, and what follows when somebody signs in.
        from backups import checks  # noqa: F401
        from backups.views import visits  # noqa: F401
