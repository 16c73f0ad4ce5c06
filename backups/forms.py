"""What people type and tick."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backups.models import User
from backups.services.backends import knows, turned_away
from backups.services.plan import Happening, Scope, Target
from backups.services.qparkin_sign_in import QparkinAway
from backups.services.retention import PERIODS, Policy

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("That address and password do not belong together. Check both and try again."),
        "inactive": _("This account is switched off. Ask the superadmin."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {"class": "form-control", "autocomplete": "username", "autofocus": True}
        if settings.QPARKIN_SIGN_IN:
            self.fields["username"].label = _("E-mail address or QParkIn name")
            self.fields["username"].widget = forms.TextInput(attrs={**known, "autocapitalize": "none"})
        else:
            self.fields["username"].label = _("E-mail address")
            self.fields["username"].widget = forms.EmailInput(attrs=known)
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs["class"] = "form-control"

    def get_invalid_login_error(self) -> forms.ValidationError:
        if turned_away(self.request) == QparkinAway.code:
            return forms.ValidationError(_(QparkinAway.sentence), code="away")
        return super().get_invalid_login_error()


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
        if not knows(self.person, typed):
            raise forms.ValidationError(_("That is not your password. Try again."))
        return typed


NAME_INPUT = {"class": "form-control", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class HappeningForm(forms.Form):
    """What happened, and when it began: an archive from after that moment holds the harm too."""

    what = forms.ChoiceField(
        choices=[(happening.value, happening.value) for happening in Happening],
        error_messages={"required": _("Choose what fits best.")},
    )
    since = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "form-control"}
        ),
        error_messages={"invalid": _("That is not a day with a time of day.")},
    )

    def clean_since(self) -> datetime | None:
        since: datetime | None = self.cleaned_data["since"]
        if since and since > timezone.now():
            raise forms.ValidationError(_("That moment is still to come. Check the day and the time."))
        return since


class PlanForm(forms.Form):
    """From which archive, how much of it, and where to."""

    archive = forms.CharField(
        max_length=64, error_messages={"required": _("Choose the archive to restore from.")}
    )
    scope = forms.ChoiceField(choices=[(scope.value, scope.value) for scope in Scope])
    tables = forms.MultipleChoiceField(required=False)
    target = forms.ChoiceField(choices=[(target.value, target.value) for target in Target])
    database = forms.CharField(
        required=False, max_length=64, strip=True, widget=forms.TextInput(attrs=NAME_INPUT)
    )
    folder = forms.CharField(
        required=False, max_length=1000, strip=True, widget=forms.TextInput(attrs=NAME_INPUT)
    )

    def __init__(self, *args: Any, tables: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tables"].choices = [(name, name) for name in tables]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        scope, target = chosen.get("scope"), chosen.get("target")
        if scope == Scope.TABLES and not chosen.get("tables") and "tables" not in self.errors:
            self.add_error("tables", _("Tick at least one table."))
        if target == Target.BESIDE and scope != Scope.TABLES:
            self.add_error(
                "target", _("Beside the live tables there is room for tables, not for everything.")
            )
        if target == Target.NEW and scope == Scope.FILES and not chosen.get("folder"):
            self.add_error("folder", _("Give the new folder a name."))
        elif target == Target.NEW and scope != Scope.FILES and not chosen.get("database"):
            self.add_error("database", _("Give the new database a name."))
        if target != Target.LIVE and scope == Scope.BOTH:
            self.add_error(
                "target", _("Database and files together can only go live, as one act: choose the last one.")
            )
        return chosen


class RestoreForm(forms.Form):
    """The typed name is the last moment to think; the safety backup is what makes thinking wrong harmless.

    `expected` is the name to type, '' where nothing is overwritten and so nothing needs to be typed.
    """

    safety_backup = forms.BooleanField(required=False, initial=True)
    enable_events = forms.BooleanField(required=False)
    # Before what has to be accepted: what is mended need not be.
    fix_case = forms.BooleanField(required=False)
    accepted = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    accept_dangling = forms.BooleanField(required=False)
    reason = forms.CharField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    name = forms.CharField(
        required=False, max_length=64, strip=True, widget=forms.TextInput(attrs=NAME_INPUT)
    )

    def __init__(
        self,
        *args: Any,
        expected: str,
        findings: list[str],
        dangling: bool = False,
        mended: Iterable[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.findings = findings
        self.dangling = dangling
        self.mended = frozenset(mended)
        self.fields["accepted"].choices = [(name, name) for name in findings]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        typed = str(self.cleaned_data["name"])
        if typed != self.expected:
            raise forms.ValidationError(
                _("That is not the name. Type %(name)s exactly as it stands here.") % {"name": self.expected}
            )
        return typed

    def clean_accept_dangling(self) -> bool:
        accepted = bool(self.cleaned_data["accept_dangling"])
        if self.dangling and not accepted:
            raise forms.ValidationError(_("Tick it if you accept that, or restore the other tables too."))
        return accepted

    def clean_accepted(self) -> list[str]:
        ticked = list(self.cleaned_data["accepted"])
        mended = self.mended if self.cleaned_data.get("fix_case") else frozenset[str]()
        if set(self.findings) - mended - set(ticked):
            raise forms.ValidationError(_("Tick each of them, or choose another archive."))
        return ticked


class ElsewhereForm(forms.Form):
    file = forms.FileField(
        label=_("A .sql, .sql.gz or .zip file"),
        widget=forms.ClearableFileInput(attrs={"class": "form-control", "accept": ".sql,.gz,.zip"}),
    )


NUMBER_INPUT = {"class": "form-control form-control-short", "inputmode": "numeric"}
GB = 1_000_000_000


def _count(label: StrOrPromise, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=most, widget=forms.NumberInput(attrs=NUMBER_INPUT)
    )


class RetentionForm(forms.Form):
    """How long archives are kept at one storage."""

    all_days = _count(_("Every backup, for so many days"), 366)
    daily = _count(_("Then one a day, for so many days"), 366)
    weekly = _count(_("Then one a week, for so many weeks"), 260)
    monthly = _count(_("Then one a month, for so many months"), 120)
    yearly = _count(_("Then one a year, for so many years"), 50)
    max_gb = forms.FloatField(
        label=_("At most, in GB"),
        required=False,
        min_value=0.000001,
        max_value=1_000_000,
        help_text=_("Empty: no limit."),
        widget=forms.NumberInput(attrs={**NUMBER_INPUT, "inputmode": "decimal", "step": "any"}),
    )

    @classmethod
    def values_of(cls, policy: Policy) -> dict[str, int | float | None]:
        cap = policy.max_bytes / GB if policy.max_bytes else None
        return {**{name: getattr(policy, name) for name in cls.counts()}, "max_gb": cap}

    @classmethod
    def counts(cls) -> tuple[str, ...]:
        return ("all_days", *PERIODS)

    @property
    def policy(self) -> Policy:
        told = self.cleaned_data
        cap = told.get("max_gb")
        counts = {name: int(told[name]) for name in self.counts()}
        return Policy(**counts, max_bytes=round(cap * GB) if cap else None)


class PinForm(forms.Form):
    until = forms.DateField(
        label=_("Keep it to the end of"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=_("Why"), max_length=200, widget=forms.TextInput(attrs={"class": "form-control"})
    )


class LetGoForm(forms.Form):
    """The way back is given up for good: that needs more than one press."""

    sure = forms.BooleanField(error_messages={"required": _("Tick it if you no longer need the way back.")})
