"""Every page of the panel, found as somebody finds them who clicks on everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings as of_the_suite
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from pytest_django import Settings

from backups.models import User
from tests.browser.places import PLACES
from tests.security.page_forms import Form, path_of, read_page
from tests.web import factories

SESSION = of_the_suite.SESSION_COOKIE_NAME


def route_of(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).url_name)
    except Resolver404:
        return ""


@dataclass(frozen=True, slots=True)
class Found:
    """A form, or a page by its address, and the session of whoever saw it."""

    form: Form
    session: str


class Crawl:
    """Goes through the rows of each place, and on from there along links to what nobody has seen yet."""

    def __init__(self, people: dict[str, User], settings: Settings) -> None:
        self.people, self.settings = people, settings
        self.seen: set[str] = set()
        self._visited: Counter[str] = Counter()
        self._forms: set[tuple[str, str, tuple[str, ...]]] = set()

    def places(self, *, every: bool) -> Iterator[list[Found]]:
        """What is new in each place, while its rows are there; else of places of one page the first two."""
        usual = self.settings.BACKUP_STORAGES
        for place in PLACES:
            self.settings.BACKUP_STORAGES = place.storages or usual
            with transaction.atomic():
                address = place.make(self.people["superadmin"])
                self._visited[route_of(path_of(address))] += 1
                if every or self._visited[route_of(path_of(address))] <= 2:
                    yield list(self._around(address, place.role))
                transaction.set_rollback(True)

    def _around(self, address: str, role: str) -> Iterator[Found]:
        client = Client()
        if role in self.people:
            factories.sign_in(client, self.people[role])
        session = client.cookies[SESSION].value if SESSION in client.cookies else ""
        waiting = [path_of(address)]
        while waiting:
            path = waiting.pop()
            self.seen.add(route_of(path))
            answer = client.get(path)
            if "text/html" not in answer.headers.get("Content-Type", ""):
                continue
            found = read_page(answer.content.decode(), path)
            new = filter(self._is_new, [*found.forms, Form(path, "get", "")])
            yield from (Found(form, session) for form in new)
            waiting += self._unseen(found.links)

    def _unseen(self, links: list[str]) -> Iterator[str]:
        for link in links:
            path = path_of(link)
            route = route_of(path) if path else ""
            if route and route not in self.seen:
                self.seen.add(route)
                yield path

    def _is_new(self, form: Form) -> bool:
        path = path_of(form.action)
        key = (route_of(path), form.method, form.names)
        if not path or key in self._forms:
            return False
        self._forms.add(key)
        self.seen.add(key[0])
        return True
