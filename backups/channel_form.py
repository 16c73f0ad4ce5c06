"""Ways to be notified: a form for each kind, whose secrets go in and are never shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from backups.models import Channel
from backups.services.notices import address as addresses
from backups.services.notices.address import Address
from backups.services.refusals import AddressRefused

if TYPE_CHECKING:
    Base = forms.ModelForm[Channel]
else:
    Base = forms.ModelForm

INPUT = {"class": "form-control", "autocomplete": "off", "spellcheck": "false"}
REASONS = {
    "no_mail_server": _("The panel has no mail server yet: set SMTP_URL in its settings file."),
    "mail_server_forbidden": _("SMTP_URL leads where no mail server is: an address of the machine's own."),
    "mail": _("Write one or more e-mail addresses, separated by commas."),
    "bot_token": _("That is not the token of a bot; BotFather gives one like 123456789:AAH…"),
    "chat": _("Write the number of the chat, not a telephone number, or @name of a channel."),
    "slack_hook": _("A Slack webhook begins with https://hooks.slack.com/services/"),
    "whatsapp_sender": _("That is not a token and a sender's id of the WhatsApp Cloud API."),
    "phone": _("Write the number as +62812…"),
    "webhook": _("Write an address like https://example.id/hook, outside of the panel's own network."),
}
# Told at the field that it is about; of all others that is the last one.
FIELDS = {"bot_token": "token", "whatsapp_sender": "token"}  # nosec B105 # names of fields


def _text(label: Any, *, secret: bool = False, help_text: Any = "") -> forms.CharField:
    widget = (
        forms.PasswordInput(attrs={**INPUT, "autocomplete": "new-password"})
        if secret
        else forms.TextInput(attrs=INPUT)
    )
    return forms.CharField(label=label, required=False, max_length=500, widget=widget, help_text=help_text)


class ChannelForm(Base):
    """Of a channel that is there already, empty address fields leave its address as it is."""

    class Meta:
        model = Channel
        fields = ("name", "language", "enabled", "urgent_only", "quiet_from", "quiet_until", "urgent_rings")
        widgets = {
            "name": forms.TextInput(attrs=INPUT),
            "language": forms.Select(attrs={"class": "form-select"}),
            "quiet_from": forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M"),
        }
        labels = {
            "urgent_only": _("Only what is urgent"),
            "quiet_from": _("Quiet from"),
            "quiet_until": _("Until"),
            "urgent_rings": _("What is urgent comes at any hour"),
        }

    address_fields: tuple[str, ...] = ()
    # From what was typed into them, in their order.
    make: ClassVar[Callable[..., Address]]
    address: Address | None = None

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        typed = [str(told.get(name) or "").strip() for name in self.address_fields]
        if not any(typed) and self.instance.pk:
            return told
        try:
            self.address = self.make(*typed)
        except AddressRefused as refused:
            reason = str(refused.params["reason"])
            self.add_error(FIELDS.get(reason, self.address_fields[-1]), REASONS[reason])
        return told

    @property
    def channel(self) -> Channel:
        return self.instance

    @property
    def address_inputs(self) -> list[forms.BoundField]:
        return [self[name] for name in self.address_fields]


class MailForm(ChannelForm):
    recipients = _text(_("Send to"), help_text=_("Several addresses are separated by commas."))
    address_fields = ("recipients",)
    make = staticmethod(addresses.mail)


class TelegramForm(ChannelForm):
    token = _text(
        _("Bot token"),
        secret=True,
        help_text=_("In Telegram, send /newbot to @BotFather; it answers with the token."),
    )
    chat = _text(
        _("Chat"),
        help_text=_(
            "Not a telephone number: @userinfobot tells yours. Then send your bot a message, so that it may "
            "write to you. A group has a number too, with a minus; a channel is @name."
        ),
    )
    address_fields = ("token", "chat")
    make = staticmethod(addresses.telegram)


class WhatsAppForm(ChannelForm):
    token = _text(
        _("Access token"), secret=True, help_text=_("Of the WhatsApp Cloud API (Meta for Developers).")
    )
    sender = _text(_("Id of the sending number"))
    phone = _text(_("Send to"), help_text=_("A number such as +62812…"))
    address_fields = ("token", "sender", "phone")
    make = staticmethod(addresses.whatsapp)


class SlackForm(ChannelForm):
    hook = _text(_("Webhook"), secret=True, help_text=_("https://hooks.slack.com/services/…"))
    address_fields = ("hook",)
    make = staticmethod(addresses.slack)


class WebhookForm(ChannelForm):
    url = _text(_("Address"), secret=True, help_text=_("A POST with JSON: title, message, urgent, kinds."))
    address_fields = ("url",)
    make = staticmethod(addresses.webhook)


FORMS: dict[str, type[ChannelForm]] = {
    "mail": MailForm,
    "telegram": TelegramForm,
    "whatsapp": WhatsAppForm,
    "slack": SlackForm,
    "webhook": WebhookForm,
}
