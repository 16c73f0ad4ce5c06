"""What somebody looks for among the archives."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.archive_queries import PINNED, STRANGE, UNPROVEN, ArchiveSearch
from backups.models import Archive
from backups.templatetags.marks import ORIGINS

STATES = [
    *Archive.State.choices,
    (UNPROVEN, _("Not proven yet")),
    (PINNED, _("Pinned")),
    (STRANGE, _("Unlike those before it")),
]
CONTENTS = [
    ("both", _("Database and files")),
    ("database", _("Database alone")),
    ("files", _("Files alone")),
]


def _select(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.ChoiceField(label=label, required=False, choices=[("", _("All")), *choices], widget=widget)


def _day(label: Any) -> forms.DateField:
    attributes = {"class": "form-control", "type": "date"}
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs=attributes, format="%Y-%m-%d")
    )


class ArchiveSearchForm(forms.Form):
    """Each field may be empty; one that makes no sense narrows nothing down."""

    state = _select(_("State"), STATES)
    purpose = _select(_("Made"), list(ORIGINS.items()))
    content = _select(_("Contents"), CONTENTS)
    since = _day(_("From"))
    until = _day(_("To"))

    @property
    def asked(self) -> dict[str, str]:
        """What was looked for, as it stands in an address."""
        self.full_clean()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def search(self) -> ArchiveSearch:
        self.full_clean()
        return ArchiveSearch(**{name: value for name, value in self.cleaned_data.items() if value})
