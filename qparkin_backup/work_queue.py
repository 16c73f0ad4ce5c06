"""How django-q fetches and runs the tasks of this host."""

from __future__ import annotations

from qparkin_backup import redis


def of(host: str, *, workers: int, deadline_seconds: int, url: str) -> dict[str, object]:
    """Of Redis where there is a URL, else of the control database."""
    return {
        # All hosts of one panel; each has a queue of its own, since not every host can do every job.
        "name": "qparkin",
        "cluster_name": f"qparkin-{host}",
        "workers": workers,
        # No task is fetched ahead of a free worker: the lock of a waiting task would run out.
        "queue_limit": workers,
        "timeout": deadline_seconds + 3600,
        "retry": deadline_seconds + 7200,
        "ack_failures": True,
        "max_attempts": 1,
        "catch_up": False,
        "recycle": 1,
        # Schedules are ours (services/schedule.py); the queue only knocks.
        "scheduler": False,
        "save_limit": 100,
        "label": "Queue",
        **({"redis": redis.with_timeouts(url)} if url else {"orm": "default", "poll": 1}),
    }
