"""Second factors, as they are typed and as browsers hand them over."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.utils.translation import gettext_lazy as _

from backups.models import User
from backups.services.people_refusals import FactorUnreadable
from backups.services.second_factor import codes, passkeys
from backups.services.wording import sentence_for

CODE_INPUT = {
    "class": "form-control code-input", "autocomplete": "one-time-code", "autocapitalize": "none",
    "spellcheck": "false",
}  # fmt: skip


class CodeForm(forms.Form):
    """A code of the app, or one from paper; one that fits is used up by being looked at."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={**CODE_INPUT, "autofocus": True}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.factor: Authenticator | None = None

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"])
        try:
            self.factor = codes.accepted(self.person, typed)
        except FactorUnreadable as refusal:
            raise forms.ValidationError(sentence_for(refusal.code, {})) from None
        if self.factor is None:
            raise forms.ValidationError(
                _("That code does not fit, or was used already. Wait for the next one and try again.")
            )
        return typed


class AppForm(forms.Form):
    """The first code of an app that has just been told the secret."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=40,
        widget=forms.TextInput(attrs={**CODE_INPUT, "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret
        self.counter = 0

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"])
        counter = codes.counter_of(self.secret, typed)
        if counter is None:
            raise forms.ValidationError(
                _("That code does not fit. Look whether the phone's clock is right, and type the next one.")
            )
        self.counter = counter
        return typed


class PasskeyForm(forms.Form):
    """What a passkey answered, from whoever it belongs to, or from `person` alone."""

    credential = forms.CharField(max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.factor: Authenticator | None = None

    def clean_credential(self) -> str:
        answered = str(self.cleaned_data["credential"])
        self.factor = passkeys.answered_by(answered, self.person)
        if self.factor is None:
            raise forms.ValidationError(_("That passkey does not belong here. Try again, or another way."))
        return answered


class NewPasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("So that you know it again, e.g. “Office laptop”."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    credential = forms.CharField(max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made: dict[str, Any] = {}

    def clean_credential(self) -> str:
        told = str(self.cleaned_data["credential"])
        made = passkeys.made(told)
        if made is None:
            raise forms.ValidationError(_("The passkey could not be made. Nothing was changed; try again."))
        self.made = made
        return told


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
