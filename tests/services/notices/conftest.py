"""A mail server and a webhook that are real, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from backups.models import Channel, User
from backups.services.notices import address, channels
from tests.installation import PATIENCE
from tests.services.listening import Listener
from tests.web import factories


@dataclass
class Postbox:
    """`refuse` turns every message away; `port` is where it listens."""

    port: int = 0
    refuse: bool = False
    letters: list[Message] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse:
            return "451 later"
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


class AnyPort(Controller):
    """Where the system finds room: the port is known once it listens."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    box = Postbox()
    server = AnyPort(box, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE)
    server.start()
    box.port = server.port
    settings.SMTP_URL = f"smtp://127.0.0.1:{box.port}"
    settings.MAIL_FROM = "cadangan@qparkin.id"
    yield box
    server.stop()


@pytest.fixture
def rani(db: None) -> User:
    return factories.superadmin()


@pytest.fixture
def by_mail(postbox: Postbox, rani: User) -> Channel:
    found = address.mail("rani@qparkin.id")
    return channels.save(Channel(name="Jaga malam", kind="mail"), address=found, by=rani)


@pytest.fixture
def by_hook(listener: Listener, settings: Settings, rani: User) -> Channel:
    settings.HEARTBEAT_PRIVATE = True
    found = address.webhook(listener.url)
    return channels.save(Channel(name="Papan", kind="webhook"), address=found, by=rani)
