"""The argument that names an archive."""

from __future__ import annotations

from django.core.management.base import CommandParser

from backups.models import Archive
from backups.services import archives, catalogue


def add_archive_argument(parser: CommandParser) -> None:
    parser.add_argument("archive", metavar="ID|latest", help="an archive's id, or latest")


def wanted_archive(wanted: str, *, holds: str = "") -> Archive:
    """Looked up in what the storages hold at this moment; `holds` says what the latest must hold."""
    catalogue.look()
    return archives.find_archive(wanted, holds=holds)
