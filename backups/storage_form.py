"""What is typed where a storage is concerned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.forms import NAME_INPUT


class TakeNoteForm(forms.Form):
    """An alarm goes only when somebody has read what it is about: the storage's name is typed."""

    name = forms.CharField(
        label=_("The storage's name"), max_length=50, strip=True, widget=forms.TextInput(attrs=NAME_INPUT)
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        if typed != self.expected:
            raise forms.ValidationError(
                _("That is not the name. Type %(name)s exactly as it stands here.") % {"name": self.expected}
            )
        return typed
