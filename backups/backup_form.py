"""What people choose of one backup. Nothing need be chosen: as it stands it is what most people want."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backups.services.folders import DATABASE, EVERYTHING, FILES

# For how many days a backup can be pinned as it is made; 0: as long as retention says.
PINS = (0, 7, 30, 90, 365)


class BackupForm(forms.Form):
    content = forms.ChoiceField(required=False)
    label = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    keep_days = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value="0",
        label=gettext_lazy("How long to keep it"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without folders there is nothing to choose.
        parts = (EVERYTHING, DATABASE, FILES) if settings.QPARKIN_FILES else (EVERYTHING,)
        self.fields["content"].choices = [(part, part) for part in parts]  # type: ignore[attr-defined]
        self.fields["keep_days"].choices = [  # type: ignore[attr-defined]
            (days, _length(days)) for days in PINS
        ]

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        chosen["label"] = str(chosen.get("label", "")).strip()
        if int(chosen.get("keep_days") or 0) and not chosen["label"]:
            # A pin without a reason is never taken off.
            self.add_error("label", _("Say what it is kept for: somebody will ask later."))
        return chosen

    @property
    def order(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        return {
            "content": chosen["content"] or EVERYTHING,
            "label": chosen["label"],
            "keep_days": int(chosen["keep_days"]),
        }


def _length(days: int) -> str:
    if not days:
        return _("as long as retention says")
    return ngettext("for at least %(n)d day", "for at least %(n)d days", days) % {"n": days}
