"""`python -m benchmarks.pages`: the panel's own time for each page, with years of backups behind it."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import django

from tests import panel_environment

panel_environment.prepare()
django.setup()

# Only a Django that is set up lets its models be imported.
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from backups.mall_queries import as_mall_sees  # noqa: E402
from backups.models import Archive, Job, User  # noqa: E402
from backups.urls import urlpatterns  # noqa: E402
from tests.web import factories  # noqa: E402
from tests.web.incidents_of import worked_through  # noqa: E402

from .years import fill  # noqa: E402


@dataclass(frozen=True, slots=True)
class Asked:
    """One page: seconds of each asking, its queries, and the bytes of its HTML."""

    address: str
    status: int
    seconds: tuple[float, ...]
    queries: int
    size: int

    def line(self) -> str:
        times = f"{1000 * median(self.seconds):.0f} | {1000 * min(self.seconds):.0f}"
        return f"| {self.address} | {times} | {self.queries} | {self.size / 1000:.0f} |"


def main() -> None:
    options = _options()
    # Of the addresses that are no pages, Django would write a line each.
    logging.disable()
    call_command("migrate", verbosity=0)
    client = Client()
    factories.sign_in(client, factories.superadmin())
    fill(archives=options.archives, jobs=options.jobs, events=options.events)
    print("| page | median ms | least ms | queries | kB of HTML |\n|---|---|---|---|---|")
    for address in _addresses():
        asked = _ask(client, address, options.rounds)
        if asked.status == 200:
            print(asked.line(), flush=True)


def _addresses() -> Iterator[str]:
    """Each page that can be asked for without more than one archive, one job and one incident."""
    archive = Archive.objects.all()[0]
    known = {
        "archive_id": archive.pk,
        "job_id": Job.objects.all()[0].pk,
        "incident_id": worked_through(User.objects.all()[0]).pk,
        "stamp": as_mall_sees(archive).stamp,
    }
    for route in urlpatterns:
        wanted = route.pattern.converters
        if wanted.keys() <= known.keys():
            yield reverse(str(route.name), kwargs={name: known[name] for name in wanted})


def _ask(client: Client, address: str, rounds: int) -> Asked:
    # The first asking fills what any page remembers, and tells what there is to count.
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        asked = len(queries)
    seconds = tuple(_seconds(client, address) for _ in range(rounds)) if answer.status_code == 200 else ()
    size = 0 if answer.streaming else len(answer.content)
    return Asked(address, answer.status_code, seconds, asked, size)


def _seconds(client: Client, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    b"".join(answer) if answer.streaming else answer.content
    return time.perf_counter() - began


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archives", type=int, default=5_000)
    parser.add_argument("--jobs", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
