"""What people choose of a schedule: its times first, since the next runs are shown while they choose."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backups.models import Schedule
from backups.services.cron import tidy
from backups.services.folders import DATABASE, EVERYTHING, FILES
from backups.services.ping import goal
from backups.services.refusals import BackupError
from backups.services.schedules import MEANT, Plan, rule_of, upcoming
from backups.services.timetable import HOURS, LAST_DAY, Rule
from backups.services.wording import sentence_of

CONTROL = {"class": "form-control"}
SHORT = {"class": "form-control form-control-short"}
PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}

# What most people want, ready to be kept: a name, and the values of the form.
PRESETS: dict[str, tuple[Any, dict[str, Any]]] = {
    "night": (gettext_lazy("Every night"), {"every": "daily", "at": time(2)}),
    "hours": (gettext_lazy("Every six hours"), {"every": "hours", "hours": 6, "at": time(2)}),
    "week": (
        gettext_lazy("Every Sunday"),
        {"every": "weekly", "weekdays": [6], "at": time(3)},
    ),
    "month": (
        gettext_lazy("At the end of each month"),
        {"every": "monthly", "day": LAST_DAY, "at": time(23)},
    ),
}


class TimesForm(forms.Form):
    every = forms.ChoiceField(choices=Schedule.Every.choices)
    at = forms.TimeField(
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", **SHORT}),
        error_messages={"invalid": gettext_lazy("That is not a time of day.")},
    )
    hours = forms.TypedChoiceField(
        required=False, coerce=int, empty_value="6", widget=forms.Select(attrs={"class": "form-select"})
    )
    weekdays = forms.TypedMultipleChoiceField(
        required=False, coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    day = forms.TypedChoiceField(
        required=False, coerce=int, empty_value="1", widget=forms.Select(attrs={"class": "form-select"})
    )
    cron = forms.CharField(
        required=False, max_length=100, widget=forms.TextInput(attrs={**CONTROL, **PLAIN, "dir": "ltr"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule: Rule | None = None
        self.runs: tuple[datetime, ...] = ()
        hours = [(number, _("every hour") if number == 1 else str(number)) for number in HOURS]
        days = [(number, str(number)) for number in range(1, 32)]
        self.fields["hours"].choices = hours  # type: ignore[attr-defined]
        self.fields["day"].choices = [*days, (LAST_DAY, _("the last day"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or self.cleaned_data
        every = str(chosen.get("every"))
        if every not in MEANT:
            return chosen
        needed = MEANT[every]
        for name, missing in (
            ("at", _("Choose a time.")),
            ("weekdays", _("Choose at least one day.")),
            ("cron", _("Write a line of cron.")),
        ):
            if name in needed and not chosen.get(name) and chosen.get(name) != time(0):
                self._refuse(name, missing)
        if not any(name in self.errors for name in needed):
            self._look_ahead(Rule(every, **{name: _value(name, chosen[name]) for name in needed}))
        return chosen

    def _look_ahead(self, rule: Rule) -> None:
        try:
            self.runs = upcoming(rule, timezone.now())
        except BackupError as error:
            self._refuse("cron", sentence_of(error))
        else:
            self.rule = rule

    def _refuse(self, name: str, sentence: str) -> None:
        if name not in self.errors:
            self.add_error(name, sentence)


def _value(name: str, chosen: Any) -> Any:
    if name in {"hours", "day"}:
        return int(chosen)
    if name == "cron":
        return tidy(chosen)
    return tuple(chosen) if isinstance(chosen, list) else chosen


class ScheduleForm(TimesForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        widget=forms.TextInput(attrs={**CONTROL, "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    content = forms.ChoiceField(required=False)
    heartbeat = forms.CharField(
        required=False,
        max_length=500,
        # Never put back into the page, not even after a mistake elsewhere in the form.
        widget=forms.PasswordInput(attrs={**CONTROL, **PLAIN, "autocomplete": "new-password"}),
    )
    forget_heartbeat = forms.BooleanField(required=False)

    def __init__(self, *args: Any, schedule: Schedule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schedule = schedule
        # Without folders there is nothing to choose.
        possible = (EVERYTHING, DATABASE, FILES) if settings.QPARKIN_FILES else (EVERYTHING, DATABASE)
        kept = {schedule.content} if schedule else set()
        self.fields["content"].choices = [  # type: ignore[attr-defined]
            (part, part) for part in dict.fromkeys((*possible, *sorted(kept)))
        ]

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        same = Schedule.objects.filter(name__iexact=name)
        if any(schedule != self.schedule for schedule in same):
            raise forms.ValidationError(_("There is a schedule of that name already."))
        return name

    def clean(self) -> dict[str, Any]:
        chosen = super().clean()
        content = chosen.get("content") or EVERYTHING
        for other in Schedule.objects.filter(enabled=True, content=content):
            if other != self.schedule and rule_of(other) == self.rule:
                self._refuse("every", _("“%(name)s” does just that already.") % {"name": other.name})
        return chosen

    def clean_heartbeat(self) -> str:
        url = str(self.cleaned_data["heartbeat"]).strip()
        if url:
            try:
                goal(url, private=settings.HEARTBEAT_PRIVATE)
            except BackupError as error:
                raise forms.ValidationError(sentence_of(error)) from None
        return url

    @property
    def plan(self) -> Plan:
        chosen = self.cleaned_data
        kept = "" if chosen["forget_heartbeat"] else None
        return Plan(
            name=chosen["name"],
            rule=self.rule or Rule(chosen["every"]),
            content=chosen["content"] or EVERYTHING,
            heartbeat=chosen["heartbeat"] or kept,
        )


def values_of(schedule: Schedule) -> dict[str, Any]:
    """Of a schedule that is there, for its form; what its kind does not use, as a new one has it."""
    rule = rule_of(schedule)
    used = {name: getattr(rule, name) for name in MEANT[rule.every]}
    return {"name": schedule.name, "content": schedule.content, "every": rule.every, **used}


def preset(name: str) -> dict[str, Any]:
    words, values = PRESETS.get(name, PRESETS["night"])
    return {"name": str(words), "content": EVERYTHING, **values}
