"""What people write down of an incident. Little is asked for: whoever types here has no time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import Incident
from backups.services.incidents import FACTS, Opening

CONTROL = {"class": "form-control"}
AREA = {**CONTROL, "rows": 3}
SHAPE = "%Y-%m-%dT%H:%M"

QUESTIONS = {
    "revealed": (
        gettext_lazy("Which personal data was revealed, lost or changed"),
        gettext_lazy("In words that the people concerned understand, and of how many of them."),
    ),
    "how": (
        gettext_lazy("When and how it happened"),
        gettext_lazy("What you know for sure; say what you do not know yet."),
    ),
    "efforts": (
        gettext_lazy("What is done about it, and how data is recovered"),
        gettext_lazy("What the panel did is in the report by itself."),
    ),
    "people": (
        gettext_lazy("Who is concerned, and what they should do themselves"),
        gettext_lazy("For instance: change the password, watch out for calls in QParkIn's name."),
    ),
    "contact": (
        gettext_lazy("Whom people can ask"),
        gettext_lazy("Name, telephone, e-mail."),
    ),
}


class MomentField(forms.DateTimeField):
    """A day with its time, by the panel's clock."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "datetime-local", **CONTROL, "class": "form-control form-control-moment"}
        widget = forms.DateTimeInput(attrs=attrs, format=SHAPE)
        wrong = {"invalid": gettext_lazy("That is not a day with its time.")}
        super().__init__(widget=widget, error_messages=wrong, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        if found and found > timezone.now() + timedelta(minutes=2):
            raise forms.ValidationError(_("That is still to come."))
        return found


class IncidentForm(forms.Form):
    what = forms.CharField(
        label=gettext_lazy("What happened, in one line"),
        max_length=200,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
    )
    noticed_at = MomentField(
        label=gettext_lazy("When it was noticed"),
        help_text=gettext_lazy("As well as you know. The 72 hours of the law are counted from here."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of incident"),
        required=False,
        choices=[("", gettext_lazy("Not known yet")), *Incident.Kind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    @property
    def opening(self) -> Opening:
        told = self.cleaned_data
        return Opening(told["what"], told["noticed_at"], told["kind"])


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What happened"), max_length=2000, widget=forms.Textarea(attrs=AREA)
    )
    at = MomentField(label=gettext_lazy("When"))


class FactsForm(forms.Form):
    """Each may be empty: the report shows a blank there, marked as such."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FACTS:
            label, hint = QUESTIONS[name]
            self.fields[name] = forms.CharField(
                label=label, help_text=hint, required=False, max_length=4000,
                widget=forms.Textarea(attrs=AREA),
            )  # fmt: skip


class MallsForm(forms.Form):
    on = forms.BooleanField(label=gettext_lazy("Show the banner to mall admins"), required=False)
    do = forms.CharField(
        label=gettext_lazy("What they should do"), max_length=500, required=False,
        widget=forms.Textarea(attrs=AREA),
    )  # fmt: skip
    call = forms.CharField(
        label=gettext_lazy("Whom they should call"), max_length=100, required=False,
        widget=forms.TextInput(attrs=CONTROL),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("on") and not told.get("do"):
            self.add_error("do", _("Say what they should do: a banner without it only frightens."))
        return told


class CloseForm(forms.Form):
    lessons = forms.CharField(
        label=gettext_lazy("What you learned from it"),
        max_length=4000,
        help_text=gettext_lazy("What went well, what did not, and what will be different from now on."),
        widget=forms.Textarea(attrs={**CONTROL, "rows": 6}),
    )
