"""What is typed where two people decide."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

# Shorter says nothing to whoever reads it a year later.
SHORTEST = 10


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        min_length=SHORTEST,
        max_length=500,
        strip=True,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        error_messages={
            "required": _("Write why, in a sentence."),
            "min_length": _("Write a little more, so that others understand it later."),
        },
    )


class AloneForm(ReasonForm):
    """Going on without a second person is never one press away."""

    sure = forms.BooleanField(
        label=_("I know that everybody is told at once, and that it stays on record"),
        error_messages={"required": _("Tick it if you really cannot wait.")},
    )
