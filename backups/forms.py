"""What people type and tick."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from backups.models import User


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("That address and password do not belong together. Check both and try again."),
        "inactive": _("This account is switched off. Ask the superadmin."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(
            attrs={"class": "form-control", "autocomplete": "username", "autofocus": True}
        )
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs["class"] = "form-control"


class StepUpForm(forms.Form):
    """The password of somebody who is signed in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        typed = str(self.cleaned_data["password"])
        if not self.person.check_password(typed):
            raise forms.ValidationError(_("That is not your password. Try again."))
        return typed


class RestoreForm(forms.Form):
    """The typed name is the last moment to think; the safety backup is what makes thinking wrong harmless."""

    safety_backup = forms.BooleanField(required=False, initial=True)
    enable_events = forms.BooleanField(required=False)
    accepted = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    database = forms.CharField(
        max_length=64,
        strip=True,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )

    def __init__(self, *args: Any, expected: str, findings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.findings = findings
        self.fields["accepted"].choices = [(name, name) for name in findings]  # type: ignore[attr-defined]

    def clean_database(self) -> str:
        typed = str(self.cleaned_data["database"])
        if typed != self.expected:
            raise forms.ValidationError(
                _("That is not the name. Type %(name)s exactly as it stands here.") % {"name": self.expected}
            )
        return typed

    def clean_accepted(self) -> list[str]:
        ticked = list(self.cleaned_data["accepted"])
        if set(ticked) != set(self.findings):
            raise forms.ValidationError(_("Tick each of them, or choose another archive."))
        return ticked


class ScheduleForm(forms.Form):
    enabled = forms.BooleanField(required=False, label=_("Back up every day by itself"))
    at = forms.TimeField(
        label=_("Time"),
        widget=forms.TimeInput(
            format="%H:%M", attrs={"type": "time", "class": "form-control form-control-short"}
        ),
    )
