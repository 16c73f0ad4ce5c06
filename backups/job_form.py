"""What somebody looks for among the jobs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.activity_queries import JobSearch
from backups.models import Job, User
from backups.models.job import ACTIVE, State, Trigger

ASKERS = [
    (Trigger.PERSON, _("People")),
    (Trigger.SCHEDULE, _("By schedule, or by itself")),
    (Trigger.COMMAND, _("Command line")),
]


def _select(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, widget=forms.Select(attrs={"class": "form-select"}))


class JobSearchForm(forms.Form):
    """Each field may be empty; one that makes no sense narrows nothing down."""

    kind = _select(_("What"))
    state = _select(_("Outcome"))
    asker = _select(_("Asked by"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ended = [(value, label) for value, label in State.choices if value not in ACTIVE]
        people = [(str(it.pk), it.display_name) for it in User.objects.filter(role=User.Role.SUPERADMIN)]
        offered: dict[str, list[tuple[str, Any]]] = {
            "kind": list(Job.Kind.choices),
            "state": ended,
            "asker": [*ASKERS, *people],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, str]:
        """What was looked for, as it stands in an address."""
        self.full_clean()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def search(self) -> JobSearch:
        return JobSearch(**self.asked)
