"""The queue that knocks: each worker host has a door of its own. A knock that is lost is repeated."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.conf import settings
from django_q.brokers import get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

TASK = "backups.tasks.run_job"


def knock(job_id: str, hosts: Iterable[str]) -> None:
    """Nothing is lost when nobody hears it: the row waits, and the clock knocks again."""
    for host in hosts:
        try:
            async_task(TASK, job_id, cluster=door(host))
        except RedisError as error:
            log.warning("the queue was not reached (%s); the clock knocks again", type(error).__name__)


def is_empty() -> bool:
    """No knock waits at this host's door. Raises nothing; a queue that is away is not empty."""
    try:
        return not get_broker(door(settings.WORKER_NAME)).queue_size()
    except RedisError as error:
        log.warning("the queue was not reached (%s)", type(error).__name__)
        return False


def answers() -> bool:
    try:
        return bool(get_broker().ping())
    except RedisError:
        return False


def clear(host: str) -> None:
    try:
        get_broker(door(host)).purge_queue()
    except RedisError as error:
        log.warning("the queue was not reached (%s)", type(error).__name__)


def door(host: str) -> str:
    return f"{settings.Q_CLUSTER['name']}-{host}"
