"""How allauth is fitted in: our addresses, our words, our locks."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from backups.models import User
from backups.services import secret_text
from backups.services.people_refusals import FactorUnreadable

from . import factors


class Account(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return [f"{SecondStep.__module__}.{SecondStep.__name__}"]

    def respond_user_inactive(self, _request: HttpRequest, _user: object) -> HttpResponse:
        return redirect("sign-in")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages say what happened, and notices tell those who do not look."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """As above."""


class SecondStep(AuthenticateStage):  # type: ignore[misc]
    """After the password, for whoever has a second factor; a passkey instead of it was both."""

    urlname = "second-step"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        person = self.login.user
        if person is None or did_use_passwordless_login(self.request, person) or not factors.has_one(person):
            return None, True
        # A session that was seen before the password is worth nothing after it.
        self.request.session.cycle_key()
        return redirect(self.urlname), True


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    def get_totp_label(self, user: User) -> str:
        """What the app shows beside the codes; whoever comes from QParkIn has no address here."""
        return user.display_name if user.source else user.email

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return {**super().get_public_key_credential_user_entity(user), "name": self.get_totp_label(user)}

    def encrypt(self, text: str) -> str:
        return secret_text.lock(text)

    def decrypt(self, encrypted_text: str) -> str:
        secret = secret_text.unlock(encrypted_text)
        if not secret:
            # From no secret at all anybody could work out the codes.
            raise FactorUnreadable
        return secret
