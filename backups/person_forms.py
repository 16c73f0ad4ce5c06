"""What people type about themselves and about each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backups.models import User
from backups.models.user import THEMES, ZONES, Role
from backups.services.notices import own
from backups.services.notices.own import Wishes
from backups.services.profile import Ways

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

INPUT = {"class": "form-control", "autocomplete": "off"}
SELECT = {"class": "form-select"}
LONGEST = 4096


def _password(label: StrOrPromise, autocomplete: str, help_text: StrOrPromise = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"class": "form-control", "autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST, widget=widget, help_text=help_text)


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), required=False, max_length=150,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.Select(attrs=SELECT)
    )
    theme = forms.ChoiceField(label=_("Theme"), choices=THEMES, widget=forms.Select(attrs=SELECT))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, widget=forms.Select(attrs=SELECT),
        help_text=_("All times on your pages are shown in it. Schedules keep the panel's own zone."),
    )  # fmt: skip

    def __init__(self, *args: Any, panel_zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = gettext("As the panel (%(zone)s)") % {"zone": panel_zone}
        self.fields["time_zone"].choices = [("", own), *ZONES]  # type: ignore[attr-defined]

    @property
    def ways(self) -> Ways:
        told = self.cleaned_data
        return Ways(told["name"].strip(), told["language"], told["theme"], told["time_zone"])


class ChosenPasswordForm(forms.Form):
    """A password that somebody chooses for themselves, typed twice."""

    password = _password(
        _("New password"),
        "new-password",
        _("At least 12 characters. Three or four words that nobody else would put together are good."),
    )
    again = _password(_("Once more"), "new-password")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = told.get("password")
        if not chosen:
            return told
        try:
            password_validation.validate_password(chosen, self.person)
        except forms.ValidationError as refused:
            self.add_error("password", refused)
        if "again" in told and told["again"] != chosen:
            self.add_error("again", _("The two are not the same. Type the new password again."))
        return told


class ChangePasswordForm(ChosenPasswordForm):
    old = _password(_("Password until now"), "current-password")
    field_order = ("old", "password", "again")

    def clean_old(self) -> str:
        typed = str(self.cleaned_data["old"])
        if not self.person.check_password(typed):
            raise forms.ValidationError(_("That is not your password. Try again."))
        return typed


class WelcomeForm(ChosenPasswordForm):
    """Somebody new: how they want to be called, and their own password."""

    name = forms.CharField(
        label=_("Your name"), max_length=150,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )  # fmt: skip
    field_order = ("name", "password", "again")


class RoleForm(forms.Form):
    """What somebody may do; a mall admin's mall by its name where the last drill has seen it."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)
    mall = forms.IntegerField(
        label=_("Mall"), required=False, min_value=1, max_value=2**63 - 1,
        widget=forms.NumberInput(attrs={**INPUT, "class": "form-control form-control-short"}),
    )  # fmt: skip

    def __init__(self, *args: Any, malls: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if malls:
            choices = [("", gettext("Choose a mall")), *malls]
            self.fields["mall"].widget = forms.Select(attrs=SELECT, choices=choices)
        else:
            self.fields["mall"].help_text = gettext("Its number in QParkIn (id_mall).")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if told.get("role") == Role.ADMIN_MALL and not told.get("mall") and "mall" not in self.errors:
            self.add_error("mall", _("Choose the mall whose data this person looks after."))
        if told.get("role") == Role.SUPERADMIN:
            told["mall"] = None
        return told


class InviteForm(RoleForm):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={**INPUT, "autofocus": True}),
        help_text=_("With it the person signs in."),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name"), required=False, max_length=150, widget=forms.TextInput(attrs=INPUT)
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.Select(attrs=SELECT)
    )
    field_order = ("email", "name", "role", "mall", "language")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


TIME_INPUT = {"class": "form-control", "type": "time"}


class OwnNoticesForm(forms.Form):
    """Of what somebody hears by mail, and when not."""

    unsafe = forms.BooleanField(label=_("When the backups need attention"), required=False)
    safe = forms.BooleanField(label=_("When all is well again"), required=False)
    restoring = forms.BooleanField(
        label=_("When QParkIn's data is being restored, and when that is done"), required=False
    )
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs=TIME_INPUT, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs=TIME_INPUT, format="%H:%M")
    )
    of = {"unsafe": own.UNSAFE, "safe": own.SAFE, "restoring": own.RESTORING}

    @classmethod
    def showing(cls, wishes: Wishes) -> dict[str, object]:
        ticked = {name: kind in wishes.kinds for name, kind in cls.of.items()}
        return {**ticked, "quiet_from": wishes.quiet_from, "quiet_until": wishes.quiet_until}

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(told.get("quiet_from")) != bool(told.get("quiet_until")) and not self.errors:
            self.add_error("quiet_until", _("Give both, or neither."))
        return told

    @property
    def wishes(self) -> Wishes:
        told = self.cleaned_data
        kinds = tuple(kind for name, kind in self.of.items() if told[name])
        return Wishes(kinds, told["quiet_from"], told["quiet_until"])
