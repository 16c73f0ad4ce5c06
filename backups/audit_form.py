"""What somebody looks for in the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.audit_queries import AuditSearch
from backups.models import AuditEvent

SEARCH_INPUT = {"class": "form-control"}


class AuditSearchForm(forms.Form):
    """Each field may be empty; one that makes no sense narrows nothing down."""

    q = forms.CharField(
        label=_("Person, address or archive"), required=False, max_length=100,
        widget=forms.TextInput(attrs={**SEARCH_INPUT, "type": "search", "autocomplete": "off"}),
    )  # fmt: skip
    action = forms.ChoiceField(
        label=_("What"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("All")), *AuditEvent.Outcome.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    since = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(attrs={**SEARCH_INPUT, "type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(attrs={**SEARCH_INPUT, "type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, actions: Mapping[str, object], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = sorted(((slug, str(told)) for slug, told in actions.items()), key=lambda pair: pair[1])
        self.fields["action"].choices = [("", _("All")), *words]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, str]:
        """What was looked for, as it stands in an address."""
        self.full_clean()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    @property
    def search(self) -> AuditSearch:
        self.full_clean()
        told = self.cleaned_data
        return AuditSearch(
            text=told.get("q", "").strip(), action=told.get("action", ""), outcome=told.get("outcome", ""),
            since=told.get("since"), until=told.get("until"),
        )  # fmt: skip
